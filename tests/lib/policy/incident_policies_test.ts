import { assertEquals } from "@std/assert";
import type { z } from "zod";
import { IncidentRouting } from "../../../lib/policy/incident_routing.ts";
import { OncallRoster } from "../../../lib/policy/oncall_roster.ts";
import { pointerOf } from "../../../lib/text/json_pointer.ts";

/** Places a schema refuses; of a union those of the branch that fits best. */
function refused(schema: z.ZodType, value: unknown): string[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues.flatMap((issue) =>
    issue.code === "invalid_union" && issue.errors.length > 0
      ? issue.errors.toSorted((a, b) => a.length - b.length)[0]!.map(({ path }) => pointerOf(path))
      : issue.code === "unrecognized_keys"
      ? [pointerOf([...issue.path, ...issue.keys])]
      : [pointerOf(issue.path)]
  );
}

const last = { id: "rest", channels: ["email"] };
const two = (...rules: unknown[]): unknown => ({ version: 2, rules: [...rules, last] });
const one = (rule: Record<string, unknown>): unknown => (
  { version: 1, rules: [{ id: "a", channels: ["slack"], ...rule }] }
);

const ROUTING: [what: string, value: unknown, refused: string[]][] = [
  ["a catch-all alone", two(), []],
  ["version 1", one({ min_severity: "high", hours_utc: { start: 22, end: 6 } }), []],
  ["a misspelt severity", one({ min_severity: "hihg" }), ["/rules/0/min_severity"]],
  ["a lone start", one({ hours_utc: { start: 8 } }), ["/rules/0/hours_utc/end"]],
  ["hour 24", one({ hours_utc: { start: 8, end: 24 } }), ["/rules/0/hours_utc/end"]],
  ["enabled as text", one({ enabled: "false" }), ["/rules/0/enabled"]],
  ["an unknown channel", one({ channels: ["pager"] }), ["/rules/0/channels/0"]],
  ["no catch-all", { version: 2, rules: [{ ...last, min_severity: "high" }] }, ["/rules"]],
  ["a catch-all that goes on", { version: 2, rules: [{ ...last, continue: true }] }, ["/rules"]],
  ["a disabled catch-all", { version: 2, rules: [{ ...last, enabled: false }] }, ["/rules"]],
  ["one name twice", two(last), ["/rules/1/id"]],
  ["channels and mute", two({ id: "a", channels: ["slack"], mute: true }), ["/rules/0/channels"]],
  ["neither channels nor mute", two({ id: "a" }), ["/rules/0/channels"]],
  ["a zone that is none", { ...two() as object, timezone: "Berlin" }, ["/timezone"]],
  ["an offset for a zone", { ...two() as object, timezone: "+02:00" }, ["/timezone"]],
  ["25:00", two({ id: "a", mute: true, windows: [{ from: "25:00", to: "07:00" }] }), [
    "/rules/0/windows/0/from",
  ]],
  ["an empty window", two({ id: "a", mute: true, windows: [{ from: "07:00", to: "07:00" }] }), [
    "/rules/0/windows/0/to",
  ]],
  ["a mistyped key", two({ id: "a", mute: true, window: [] }), ["/rules/0/window"]],
];

for (const [what, value, expected] of ROUTING) {
  Deno.test(`IncidentRouting ${expected.length === 0 ? "takes" : "refuses"} ${what}`, () => {
    assertEquals(refused(IncidentRouting, value), expected);
  });
}

const roster = (changes: Record<string, unknown>): unknown => ({
  schema_version: 2,
  people: { mira: { email: ["mira@ops.example.invalid"] } },
  ...changes,
});
const layer = (changes: Record<string, unknown>): unknown =>
  roster({
    layers: [{
      id: "a",
      start: "2026-03-02T09:00",
      handoff: { every: 1, unit: "week" },
      order: ["mira"],
      ...changes,
    }],
  });

const ROSTER: [what: string, value: unknown, refused: string[]][] = [
  ["version 1", {
    version: 1,
    primary: { id: "a", name: "A", webhook_url: "", email: ["a@ops.example.invalid"] },
    rotations: [{ id: "b", active: true, email: [] }],
  }, []],
  ["version 2", layer({}), []],
  ["a mailbox as text in version 1", { version: 1, primary: { id: "a", email: "a@b.invalid" } }, [
    "/primary/email",
  ]],
  [
    "a mailbox with a line break",
    roster({ people: { mira: { email: ["a@b.invalid\nBcc: c"] } } }),
    [
      "/people/mira/email/0",
    ],
  ],
  ["a variable that is not ONCALL_", roster({ people: { mira: { webhook_env: "PATH" } } }), [
    "/people/mira/webhook_env",
  ]],
  ["a stranger in a layer", layer({ order: ["mira", "tao"] }), ["/layers/0/order/1"]],
  ["a stranger as fallback", roster({ fallback: "tao" }), ["/fallback"]],
  ["a start that is no date", layer({ start: "2026-13-02T09:00" }), ["/layers/0/start"]],
  ["a start on 30 February", layer({ start: "2026-02-30T09:00" }), ["/layers/0/start"]],
  ["a start at 24:00", layer({ start: "2026-03-02T24:00" }), ["/layers/0/start"]],
  [
    "an override that ends before it starts",
    roster({
      overrides: [{ person: "mira", from: "2026-04-07T00:00:00Z", to: "2026-04-06T00:00:00Z" }],
    }),
    ["/overrides/0/to"],
  ],
  [
    "an override without an offset",
    roster({
      overrides: [{ person: "mira", from: "2026-04-06T00:00:00", to: "2026-04-07T00:00:00Z" }],
    }),
    ["/overrides/0/from"],
  ],
];

for (const [what, value, expected] of ROSTER) {
  Deno.test(`OncallRoster ${expected.length === 0 ? "takes" : "refuses"} ${what}`, () => {
    assertEquals(refused(OncallRoster, value), expected);
  });
}
