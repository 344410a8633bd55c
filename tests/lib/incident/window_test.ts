import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { wallInstant, windowContains } from "../../../lib/incident/window.ts";
import { DAYS, TimeWindow } from "../../../lib/policy/time_window.ts";

const BERLIN = "Europe/Berlin";
const window = (from: string, to: string, days?: string[]): TimeWindow =>
  TimeWindow.parse({ from, to, ...(days === undefined ? {} : { days }) });
const instant = (text: string): Temporal.Instant => Temporal.Instant.from(text);

const CASES: [what: string, TimeWindow, zone: string, at: string, inside: boolean][] = [
  ["the start belongs to it", window("08:00", "20:00"), "UTC", "2026-11-26T08:00:00Z", true],
  ["the end does not", window("08:00", "20:00"), "UTC", "2026-11-26T20:00:00Z", false],
  ["a moment before the end does", window("08:00", "20:00"), "UTC", "2026-11-26T19:59:59Z", true],
  [
    "Saturday 02:00 is Friday night",
    window("22:00", "06:00", ["fri"]),
    "UTC",
    "2026-11-28T02:00:00Z",
    true,
  ],
  [
    "Friday 02:00 is Thursday night",
    window("22:00", "06:00", ["fri"]),
    "UTC",
    "2026-11-27T02:00:00Z",
    false,
  ],
  [
    "24:00 is the end of the day",
    window("00:00", "24:00", ["sun"]),
    "UTC",
    "2026-11-29T23:59:59Z",
    true,
  ],
  ["then it is Monday", window("00:00", "24:00", ["sun"]), "UTC", "2026-11-30T00:00:00Z", false],
  // Clocks forward on 29 March 2026 at 01:00Z: 02:00 to 03:00 does not exist.
  [
    "a skipped start begins at the change",
    window("02:30", "05:00"),
    BERLIN,
    "2026-03-29T01:00:00Z",
    true,
  ],
  ["and not a moment before", window("02:30", "05:00"), BERLIN, "2026-03-29T00:59:59Z", false],
  [
    "a window inside the gap is empty",
    window("02:10", "02:40"),
    BERLIN,
    "2026-03-29T01:05:00Z",
    false,
  ],
  [
    "a skipped end ends at the change",
    window("01:00", "02:30"),
    BERLIN,
    "2026-03-29T01:00:00Z",
    false,
  ],
  ["and lasts up to it", window("01:00", "02:30"), BERLIN, "2026-03-29T00:59:59Z", true],
  // Clocks back on 25 October 2026 at 01:00Z: 02:00 to 03:00 happens twice.
  ["a doubled start is the first", window("02:30", "05:00"), BERLIN, "2026-10-25T00:30:00Z", true],
  [
    "and nothing falls out in between",
    window("02:30", "05:00"),
    BERLIN,
    "2026-10-25T01:10:00Z",
    true,
  ],
  ["a doubled end is the first", window("01:00", "02:30"), BERLIN, "2026-10-25T00:30:00Z", false],
  ["the night is an hour longer", window("22:00", "07:00"), BERLIN, "2026-10-25T05:59:59Z", true],
  ["and ends at 07:00 there", window("22:00", "07:00"), BERLIN, "2026-10-25T06:00:00Z", false],
];

for (const [what, one, zone, at, inside] of CASES) {
  Deno.test(`windowContains() ${one.from}-${one.to} ${zone}: ${what}`, () => {
    assertEquals(windowContains(one, zone, instant(at)), inside);
  });
}

Deno.test("wallInstant() takes a skipped time as the change, a doubled time as its first", () => {
  const date = (text: string) => Temporal.PlainDate.from(text);
  assertEquals(wallInstant(date("2026-03-29"), 120, BERLIN).toString(), "2026-03-29T01:00:00Z");
  assertEquals(wallInstant(date("2026-03-29"), 150, BERLIN).toString(), "2026-03-29T01:00:00Z");
  assertEquals(wallInstant(date("2026-10-25"), 150, BERLIN).toString(), "2026-10-25T00:30:00Z");
  assertEquals(wallInstant(date("2026-11-26"), 1440, "UTC").toString(), "2026-11-27T00:00:00Z");
});

/** Zones with half-hour changes, changes at midnight, and a skipped day. */
const ZONES = [
  ...["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"],
  ...["Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca", "UTC"],
];

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

Deno.test("windows that touch on the wall leave no gap and no overlap, in any zone at any time", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.uniqueArray(fc.integer({ min: 1, max: 1439 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1_262_304_000, max: 1_893_456_000 }), // 2010 to 2030
      (zone, cuts, seconds) => {
        const at = Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), 1440];
        const inside = edges.slice(1).flatMap((to, k) =>
          DAYS.filter((day) => windowContains(window(clock(edges[k]!), clock(to), [day]), zone, at))
        );
        assertEquals(inside.length, 1);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("a window and what is left of the day exclude each other, also over midnight", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: 1_767_225_600, max: 1_798_761_600 }), // 2026
      (zone, from, to, seconds) => {
        fc.pre(from !== to);
        const at = Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
        const inside = windowContains(window(clock(from), clock(to)), zone, at);
        const outside = windowContains(window(clock(to), clock(from)), zone, at);
        assertEquals(inside, !outside);
      },
    ),
    { numRuns: 300 },
  );
});
