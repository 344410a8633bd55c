import type { CanaryAnalysisPolicy, CanaryMetric } from "../policy/canary_analysis_policy.ts";
import { type Counts, shareOf } from "./counts.ts";
import { holm } from "./holm.ts";
import { type MetricPairs, metricPairs } from "./metric_pairs.ts";
import { MetricWatch } from "./metric_watch.ts";
import type { MetricsWindow } from "./metrics_window.ts";
import { upperExcess } from "./within_test.ts";

/** `inconclusive` says that more data is needed; it is never a finding against the canary. */
export type CanaryVerdict = "pass" | "fail" | "inconclusive";

/** One metric in the report. Shares are 0..1. */
export interface MetricResult {
  id: string;
  kind: CanaryMetric["kind"];
  verdict: CanaryVerdict;
  /** Why it is what it is, in words. */
  reason: string;
  canary: Counts & { share: number };
  baseline: Counts & { share: number };
  /** Canary's share less the baseline's: as observed, and the most that is not ruled out. */
  excess: { observed: number; upper: number };
  /** Always-valid p-values; those of harm and limit also adjusted over all metrics. */
  p_harm: number;
  p_harm_adjusted: number;
  p_limit: number | null;
  p_limit_adjusted: number | null;
  p_within: number;
  threshold_ms: number | null;
  /** Windows that took part. */
  windows: number;
  /** End of the window at which it failed, epoch seconds. */
  failed_at: number | null;
}

/** What the windows say about the canary. */
export interface CanaryAnalysis {
  verdict: CanaryVerdict;
  reason: string;
  observed_s: number;
  metrics: MetricResult[];
}

/** What is known of one metric while windows come in. */
interface Watched {
  metric: CanaryMetric;
  pairs: MetricPairs;
  watch: MetricWatch;
  failed: { at: number; reason: string } | undefined;
  adjusted: { harm: number; limit: number | null };
}

/** The hypotheses whose rejection fails a canary; without enough events one cannot be rejected. */
function adjust(watched: readonly Watched[]): void {
  const values = watched.flatMap(({ watch }) => {
    const usable = (p: number): number => watch.enough ? p : 1;
    return watch.pLimit === undefined
      ? [usable(watch.pHarm)]
      : [usable(watch.pHarm), usable(watch.pLimit)];
  });
  const adjusted = holm(values);
  let at = 0;
  for (const each of watched) {
    const harm = adjusted[at++]!;
    const limit = each.watch.pLimit === undefined ? null : adjusted[at++]!;
    each.adjusted = { harm, limit };
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** Why a metric fails the canary now; undefined if it does not. */
function failure({ watch, metric, adjusted }: Watched, alpha: number): string | undefined {
  const share = percent(shareOf(watch.sum.canary));
  if (adjusted.harm <= alpha && watch.excess >= metric.harm_ratio) {
    return `${share} bad, baseline ${percent(shareOf(watch.sum.baseline))}`;
  }
  if (adjusted.limit !== null && adjusted.limit <= alpha) {
    return `${share} bad, limit ${percent(metric.limit_ratio!)}`;
  }
  return undefined;
}

function follow(watched: readonly Watched[], windows: readonly MetricsWindow[], alpha: number) {
  for (const [at, { end }] of windows.entries()) {
    for (const { pairs, watch } of watched) {
      const pair = pairs.pairs[at];
      if (pair) watch.add(pair);
    }
    adjust(watched);
    for (const each of watched) {
      const reason = failure(each, alpha);
      if (reason !== undefined) each.failed ??= { at: end, reason };
    }
  }
}

function verdictOf(
  { watch, metric, pairs, failed }: Watched,
  beta: number,
): { verdict: CanaryVerdict; reason: string } {
  if (failed !== undefined) return { verdict: "fail", reason: failed.reason };
  if (pairs.reason !== "") return { verdict: "inconclusive", reason: pairs.reason };
  if (!watch.enough) {
    const { canary, baseline } = watch.sum;
    const reason =
      `${canary.total} and ${baseline.total} events, ${metric.min_total} of each are needed`;
    return { verdict: "inconclusive", reason };
  }
  const upper = percent(upperExcess(watch.sum, beta));
  if (watch.pWithin <= beta) {
    return { verdict: "pass", reason: `an excess of ${percent(metric.tolerated_ratio)} ruled out` };
  }
  const reason = `an excess up to ${upper} is possible, ${
    percent(metric.tolerated_ratio)
  } tolerated`;
  return { verdict: "inconclusive", reason };
}

function resultOf(watched: Watched, beta: number): MetricResult {
  const { metric, watch, pairs, failed, adjusted } = watched;
  const group = (counts: Counts) => ({ ...counts, share: shareOf(counts) });
  return {
    id: metric.id,
    kind: metric.kind,
    ...verdictOf(watched, beta),
    canary: group(watch.sum.canary),
    baseline: group(watch.sum.baseline),
    excess: { observed: watch.excess, upper: upperExcess(watch.sum, beta) },
    p_harm: watch.pHarm,
    p_harm_adjusted: adjusted.harm,
    p_limit: watch.pLimit ?? null,
    p_limit_adjusted: adjusted.limit,
    p_within: watch.pWithin,
    threshold_ms: pairs.thresholdMs,
    windows: watch.windows,
    failed_at: failed?.at ?? null,
  };
}

function overall(
  metrics: readonly MetricResult[],
  observedS: number,
  ageS: number,
  policy: CanaryAnalysisPolicy,
): { verdict: CanaryVerdict; reason: string } {
  const failed = metrics.find(({ verdict }) => verdict === "fail");
  if (failed !== undefined) return { verdict: "fail", reason: `${failed.id}: ${failed.reason}` };
  const open = metrics.find(({ verdict }) => verdict !== "pass");
  if (open !== undefined) return { verdict: "inconclusive", reason: `${open.id}: ${open.reason}` };
  if (observedS < policy.min_observe_s) {
    const reason = `observed for ${observedS.toFixed(0)} s, ${policy.min_observe_s} s are needed`;
    return { verdict: "inconclusive", reason };
  }
  if (ageS > policy.max_age_s) {
    const reason = `newest window is ${ageS.toFixed(0)} s old, limit is ${policy.max_age_s} s`;
    return { verdict: "inconclusive", reason };
  }
  return { verdict: "pass", reason: `all ${metrics.length} metrics are within what is tolerated` };
}

/**
 * Judges a canary by its windows, as often as one likes: the analysis of more windows contains that
 * of fewer, so looking early costs nothing and what has failed stays failed.
 *
 * - It fails with probability at most `alpha` if no metric is worse than the baseline's or above its
 *   limit (`HarmTest`, `LimitTest`, corrected over metrics by `holm`). An observed excess below
 *   `harm_ratio` never fails it, which only makes failing rarer.
 * - It passes with probability at most `beta` if some metric exceeds the baseline by
 *   `tolerated_ratio` or more: all must pass, so the one that should not must err (R. L. Berger,
 *   "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24 (4), 1982, pages
 *   295-300). No correction is needed for that.
 * - Everything else is `inconclusive`.
 *
 * @param windows In order of time; see `selectWindows`.
 * @throws {MetricError} If the windows do not fit the metrics.
 */
export function analyse(
  windows: readonly MetricsWindow[],
  policy: CanaryAnalysisPolicy,
  nowS: number,
): CanaryAnalysis {
  const watched = policy.metrics.map((metric): Watched => ({
    metric,
    pairs: metricPairs(metric, windows),
    watch: new MetricWatch(metric),
    failed: undefined,
    adjusted: { harm: 1, limit: metric.limit_ratio === undefined ? null : 1 },
  }));
  follow(watched, windows, policy.alpha);
  const metrics = watched.map((each) => resultOf(each, policy.beta));
  const observedS = (windows.at(-1)?.end ?? 0) - (windows[0]?.start ?? 0);
  const ageS = nowS - (windows.at(-1)?.end ?? nowS);
  return { ...overall(metrics, observedS, ageS, policy), observed_s: observedS, metrics };
}
