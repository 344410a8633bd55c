import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { handoffsUntil, onCall } from "../../../lib/incident/on_call.ts";
import { OncallRoster, type RosterTwo } from "../../../lib/policy/oncall_roster.ts";

const BERLIN = "Europe/Berlin";
const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);

function roster(changes: Record<string, unknown> = {}): RosterTwo {
  const parsed = OncallRoster.parse({
    schema_version: 2,
    timezone: BERLIN,
    people: {
      mira: { email: ["mira@ops.example.invalid"] },
      tao: { email: ["tao@ops.example.invalid"] },
      lead: { email: ["lead@ops.example.invalid"] },
    },
    layers: [{
      id: "weekly",
      start: "2026-03-02T09:00",
      handoff: { every: 1, unit: "week" },
      order: ["mira", "tao"],
    }],
    overrides: [{
      person: "lead",
      from: "2026-04-06T00:00:00+02:00",
      to: "2026-04-07T00:00:00+02:00",
    }],
    fallback: "lead",
    ...changes,
  });
  if ("version" in parsed) throw new TypeError("expected version 2");
  return parsed;
}

const CASES: [what: string, when: string, person: string, because: string][] = [
  ["before the first hand-off the fallback is called", "2026-03-02T07:59:59Z", "lead", "fallback"],
  ["the first hand-off is at 09:00 there", "2026-03-02T08:00:00Z", "mira", "layer weekly"],
  // The week of 23 March is an hour shorter: the hand-off is at 09:00 of the wall all the same.
  ["before the hand-off of 30 March", "2026-03-30T06:59:59Z", "tao", "layer weekly"],
  ["the hand-off after clocks went forward", "2026-03-30T07:00:00Z", "mira", "layer weekly"],
  ["before the hand-off of 26 October", "2026-10-26T07:59:59Z", "tao", "layer weekly"],
  ["the hand-off after clocks went back", "2026-10-26T08:00:00Z", "mira", "layer weekly"],
  ["the start of an override belongs to it", "2026-04-05T22:00:00Z", "lead", "override"],
  ["a moment before does not", "2026-04-05T21:59:59Z", "mira", "layer weekly"],
  ["its end does not", "2026-04-06T22:00:00Z", "tao", "layer weekly"],
];

for (const [what, when, person, because] of CASES) {
  Deno.test(`onCall() at ${when}: ${what}`, () => {
    assertEquals(onCall(roster(), at(when)), { person, because });
  });
}

Deno.test("onCall() takes the last layer that holds, and its own zone for its windows", () => {
  const night = {
    id: "night",
    timezone: "Asia/Singapore",
    start: "2026-03-02T08:00",
    handoff: { every: 1, unit: "day" },
    order: ["tao"],
    windows: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "02:00", to: "09:00" }],
  };
  const layers = [...roster().layers, night];
  const both = roster({ layers });
  assertEquals(onCall(both, at("2026-11-25T18:00:00Z"))?.because, "layer night"); // Thursday 02:00
  assertEquals(onCall(both, at("2026-11-26T01:00:00Z"))?.because, "layer weekly"); // 09:00
});

Deno.test("onCall() says when nobody is on call", () => {
  assertEquals(
    onCall(roster({ layers: [], overrides: [], fallback: undefined }), at("2026-03-02T00:00:00Z")),
    undefined,
  );
});

Deno.test("a hand-off at a skipped time is the later, at a doubled time the earlier", () => {
  const daily = (start: string) => ({
    ...roster().layers[0]!,
    start,
    handoff: { every: 1, unit: "day" as const },
  });
  const spring = daily("2026-03-28T02:30");
  assertEquals(handoffsUntil(spring, BERLIN, at("2026-03-29T01:29:59Z")), 0);
  assertEquals(handoffsUntil(spring, BERLIN, at("2026-03-29T01:30:00Z")), 1);
  const autumn = daily("2026-10-24T02:30");
  assertEquals(handoffsUntil(autumn, BERLIN, at("2026-10-25T00:29:59Z")), 0);
  assertEquals(handoffsUntil(autumn, BERLIN, at("2026-10-25T00:30:00Z")), 1);
});

Deno.test("handoffsUntil() counts the hand-offs that a walk through the calendar passes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(BERLIN, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom("day" as const, "week" as const),
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: -40_000_000, max: 40_000_000 }),
      (zone, every, unit, minutes, offsetS) => {
        const start = Temporal.PlainDateTime.from("2011-12-01T00:00").add({ minutes });
        const layer = {
          ...roster().layers[0]!,
          start: start.toString({ smallestUnit: "second" }),
          handoff: { every, unit },
        };
        const when = start.toZonedDateTime(zone).add({ seconds: offsetS }).toInstant();
        let expected: number | undefined;
        for (let k = 0;; k++) {
          const next = start.add(unit === "day" ? { days: k * every } : { weeks: k * every });
          if (Temporal.Instant.compare(next.toZonedDateTime(zone).toInstant(), when) > 0) break;
          expected = k;
        }
        assertEquals(handoffsUntil(layer, zone, when), expected);
      },
    ),
    { numRuns: 200 },
  );
});
