import { z } from "zod";

/** Days as policies name them, in the order of ISO 8601: Monday first. */
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

function isZone(name: string): boolean {
  if (/^[+-]|^\d/.test(name)) return false; // an offset knows no daylight saving time
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A time zone by its IANA name. */
export const TimeZone = z.string().max(64).refine(isZone, {
  error: "expected an IANA time zone, such as Europe/Berlin",
});

/** A time of day; `24:00` is the end of the day. */
const TimeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, {
  error: "expected HH:MM",
});

/**
 * A stretch of time on some days of the week: the start belongs to it, the end does not. One that
 * ends before it starts crosses midnight and belongs to the day it starts on.
 */
export const TimeWindow = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1).default([...DAYS]).describe("Days it starts on"),
  from: TimeOfDay.describe("Start, HH:MM; belongs to it"),
  to: TimeOfDay.describe("End, HH:MM; does not belong to it"),
}).refine(({ from, to }) => from !== to, {
  path: ["to"],
  error: "must differ from the start; a whole day is 00:00 to 24:00",
}).refine(({ from }) => from !== "24:00", { path: ["from"], error: "expected 00:00..23:59" });
export type TimeWindow = z.output<typeof TimeWindow>;
