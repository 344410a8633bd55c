import { z } from "zod";

/** Events one window may hold; more make the exact test slow. Shorter windows hold fewer. */
const MOST_EVENTS = 10_000_000;

const Count = z.int().min(0).max(MOST_EVENTS);
const Milliseconds = z.number().min(0);

const Histogram = z.strictObject({
  bounds: z.array(Milliseconds).min(1).max(2000)
    .refine((bounds) => bounds.every((bound, at) => at === 0 || bound > bounds[at - 1]!), {
      error: "must rise strictly",
    })
    .describe("Upper bounds of the buckets, inclusive, milliseconds"),
  counts: z.array(Count).describe("Requests in each bucket, not added up; one more for the rest"),
}).refine(({ bounds, counts }) => counts.length === bounds.length + 1, {
  path: ["counts"],
  error: "must have one number more than bounds: the last counts what is above all of them",
});

const Latencies = z.union([
  z.strictObject({ samples: z.array(Milliseconds).max(1_000_000) }),
  z.strictObject({ histogram: Histogram }),
]);
/** Latencies of one group in one window, each one or in buckets. */
export type Latencies = z.output<typeof Latencies>;

const Group = z.looseObject({
  version: z.string().min(1).optional().describe("Version that served it"),
  counts: z.record(z.string(), Count).default({}).describe("Events in this window, by name"),
  latencies: z.record(z.string(), Latencies).default({})
    .describe("Latencies of this window, milliseconds, by name"),
});
/** What one group did in one window. */
export type Group = z.output<typeof Group>;

/**
 * One window of time, with what happened in it: numbers of this window, not running totals. The
 * baseline serves the version in use, at the same time, on processes as old as the canary's.
 */
export const MetricsWindow = z.looseObject({
  start: z.number().min(0).describe("Epoch seconds"),
  end: z.number().min(0).describe("Epoch seconds"),
  canary: Group,
  baseline: Group,
}).refine(({ start, end }) => end > start, { path: ["end"], error: "must be after start" });
export type MetricsWindow = z.output<typeof MetricsWindow>;

/** A metrics file as one JSON document. */
export const MetricsDocument = z.looseObject({
  windows: z.array(MetricsWindow).describe("In order of time, without overlap"),
});
