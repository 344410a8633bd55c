import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";

const Share = z.number().gt(0).lt(1);
const Name = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "must be a snake_case name");

const common = {
  id: Name.describe("Name of the metric in checks and reports"),
  harm_ratio: Share
    .describe(
      "Smallest observed excess of the canary's share over the baseline's that can fail it",
    ),
  tolerated_ratio: Share
    .describe("Excess that must be ruled out before the canary passes"),
  limit_ratio: Share.optional()
    .describe("Share of bad events that fails the canary whatever the baseline does"),
  min_total: z.int().min(1)
    .describe("Fewest events of each group before anything is decided"),
};

const RatioMetric = z.strictObject({
  ...common,
  kind: z.literal("ratio").describe("Bad events among all events, both counted"),
  bad: Name.describe("Name of the count of bad events"),
  total: Name.describe("Name of the count of all events"),
});

const LatencyMetric = z.strictObject({
  ...common,
  kind: z.literal("latency").describe("Requests slower than a limit among all that were timed"),
  series: Name.describe("Name of the latencies, milliseconds"),
  threshold_ms: z.number().positive().optional()
    .describe("What counts as slow; a bucket bound where histograms are given"),
  quantile: Share.optional()
    .describe("Instead: what the slowest of the baseline take, learnt from the first windows"),
  warmup_total: z.int().min(1).default(500)
    .describe("Timed requests of the baseline that a quantile is learnt from"),
}).refine((metric) => (metric.threshold_ms === undefined) !== (metric.quantile === undefined), {
  error: "expected either threshold_ms or quantile",
});

const Metric = z.discriminatedUnion("kind", [RatioMetric, LatencyMetric]).refine(
  (metric) => metric.harm_ratio <= metric.tolerated_ratio,
  { path: ["harm_ratio"], error: "must not exceed tolerated_ratio" },
);

/** `security/canary_analysis_policy.json`: what a canary is judged by, and how sure one must be. */
export const CanaryAnalysisPolicy = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("Format of this file"),
  alpha: z.number().gt(0).max(0.2)
    .describe("Risk of failing a canary that is no worse in any metric, over all looks together"),
  beta: z.number().gt(0).max(0.2)
    .describe("Risk of passing a canary that exceeds tolerated_ratio in some metric"),
  min_observe_s: z.number().min(0).describe("Shortest time observed before a canary can pass, s"),
  max_age_s: z.number().positive()
    .describe("Oldest newest window before a pass becomes undecided, seconds"),
  metrics: z.array(Metric).min(1).max(32).describe("Each must pass"),
}).superRefine(({ metrics }, context) => {
  metrics.forEach(({ id }, at) => {
    if (metrics.findIndex((other) => other.id === id) === at) return;
    context.addIssue({ code: "custom", path: ["metrics", at, "id"], message: "stands here twice" });
  });
});
export type CanaryAnalysisPolicy = z.output<typeof CanaryAnalysisPolicy>;
export type CanaryMetric = z.output<typeof Metric>;
export type LatencyMetric = z.output<typeof LatencyMetric>;
