import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { route } from "../../../lib/incident/route.ts";
import {
  CHANNELS,
  IncidentRouting,
  Severity,
  SEVERITY_RANK,
} from "../../../lib/policy/incident_routing.ts";

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);
const NOON = "2026-11-26T12:00:00Z"; // a Thursday

const ONE = IncidentRouting.parse({
  version: 1,
  default_channels: ["email"],
  rules: [
    { id: "sev1", min_severity: "critical", channels: ["webhook", "slack"] },
    {
      id: "daytime",
      min_severity: "high",
      days_of_week: [0, 1, 2, 3, 4],
      hours_utc: { start: 6, end: 17 },
      channels: ["slack"],
    },
    { id: "storage", min_severity: "medium", owners: ["Storage"], channels: ["feishu"] },
    { id: "nights", days_of_week: [4], hours_utc: { start: 22, end: 5 }, channels: ["webhook"] },
    { id: "off", enabled: false, channels: ["email"] },
  ],
});

const TWO = IncidentRouting.parse({
  version: 2,
  timezone: "Europe/Berlin",
  rules: [
    { id: "critical", min_severity: "critical", channels: ["webhook"], continue: true },
    { id: "storage", owners: ["storage"], channels: ["feishu"] },
    { id: "quiet", windows: [{ from: "22:00", to: "07:00" }], mute: true },
    { id: "rest", channels: ["slack", "email"] },
  ],
});

const CASES: [
  what: string,
  policy: IncidentRouting,
  facts: [severity: Severity, owner: string],
  when: string,
  channels: string[],
][] = [
  ["every matching rule adds", ONE, ["critical", "storage"], NOON, ["webhook", "slack", "feishu"]],
  ["17:59 is within hours that end at 17", ONE, ["high", ""], "2026-11-26T17:59:59Z", ["slack"]],
  ["18:00 is not", ONE, ["high", ""], "2026-11-26T18:00:00Z", ["email"]],
  ["a low one goes to the defaults alone", ONE, ["low", ""], NOON, ["email"]],
  ["no owner is no team's", ONE, ["medium", " "], NOON, ["email"]],
  ["owners are compared without case", ONE, ["medium", "STORAGE"], NOON, ["feishu"]],
  ["Saturday 02:00 is Friday's window", ONE, ["low", ""], "2026-11-28T02:00:00Z", ["webhook"]],
  ["Friday 02:00 is not", ONE, ["low", ""], "2026-11-27T02:00:00Z", ["email"]],
  ["continue goes on, the next match ends", TWO, ["critical", "storage"], NOON, [
    "webhook",
    "feishu",
  ]],
  ["quiet hours mute", TWO, ["high", ""], "2026-11-26T21:00:00Z", []],
  ["what continued before is told in quiet hours", TWO, ["critical", ""], "2026-11-26T21:00:00Z", [
    "webhook",
  ]],
  ["the rest", TWO, ["info", ""], NOON, ["slack", "email"]],
];

for (const [what, policy, [severity, owner], when, channels] of CASES) {
  Deno.test(`route() version ${policy.version}: ${what}`, () => {
    assertEquals(route(policy, { severity, owner }, at(when)).channels, channels);
  });
}

Deno.test("route() says of every rule it looked at why it matched or did not", () => {
  const { trace } = route(TWO, { severity: "low", owner: "web" }, at(NOON));
  assertEquals(trace.map(({ rule, matched }) => [rule, matched]), [
    ["critical", false],
    ["storage", false],
    ["quiet", false],
    ["rest", true],
  ]);
  assertEquals(trace[0]?.reason, "low is less than critical");
});

Deno.test("a version 1 policy without defaults tells everybody what no rule is for; an empty list nobody", () => {
  const facts = { severity: "low" as const, owner: "" };
  const none = IncidentRouting.parse({ version: 1, rules: [] });
  assertEquals(route(none, facts, at(NOON)).channels, [...CHANNELS]);
  const empty = IncidentRouting.parse({ version: 1, default_channels: [], rules: [] });
  assertEquals(route(empty, facts, at(NOON)).channels, []);
});

const channels = fc.uniqueArray(fc.constantFrom(...CHANNELS), { minLength: 1 });
const severity = fc.constantFrom(...Severity.options);

Deno.test("where rules ask for severity alone and add up, a graver incident reaches no fewer channels", () => {
  fc.assert(fc.property(
    fc.array(fc.record({ min_severity: severity, channels }), { maxLength: 6 }),
    severity,
    severity,
    (rules, a, b) => {
      const policy = IncidentRouting.parse({
        version: 1,
        default_channels: [],
        rules: rules.map((rule, k) => ({ id: `r${k}`, ...rule })),
      });
      const [less, more] = SEVERITY_RANK[a] <= SEVERITY_RANK[b] ? [a, b] : [b, a];
      const of = (severity: Severity) => route(policy, { severity, owner: "" }, at(NOON)).channels;
      const wide = of(more);
      assertEquals(of(less).filter((channel) => !wide.includes(channel)), []);
    },
  ));
});

Deno.test("exactly one rule of version 2 decides where none says continue, at any time", () => {
  fc.assert(fc.property(
    fc.array(fc.record({ min_severity: severity, channels }), { maxLength: 6 }),
    severity,
    fc.integer({ min: 1_767_225_600, max: 1_798_761_600 }),
    (rules, severity, seconds) => {
      const policy = IncidentRouting.parse({
        version: 2,
        rules: [
          ...rules.map((rule, k) => ({
            id: `r${k}`,
            ...rule,
            windows: [{ from: "08:00", to: "20:00" }],
          })),
          { id: "rest", channels: ["email"] },
        ],
      });
      const when = Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
      const { trace } = route(policy, { severity, owner: "" }, when);
      assertEquals(trace.filter(({ matched }) => matched).length, 1);
      assertEquals(trace.at(-1)?.matched, true);
    },
  ));
});
