import type { LatencyMetric } from "../policy/canary_analysis_policy.ts";
import type { Counts, Pair } from "./counts.ts";
import type { Latencies, MetricsWindow } from "./metrics_window.ts";

/** Something a metric cannot be computed from; not a verdict about the canary. */
export class MetricError extends Error {
  override name = "MetricError";
}

/** How many latencies there are. */
export function timedRequests(latencies: Latencies): number {
  if ("samples" in latencies) return latencies.samples.length;
  return latencies.histogram.counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Requests slower than a threshold among all timed ones.
 *
 * @throws {MetricError} If the threshold is no bound of a histogram: what is in the bucket around it
 * cannot be told apart.
 */
export function slowRequests(latencies: Latencies, thresholdMs: number): Counts {
  const total = timedRequests(latencies);
  if ("samples" in latencies) {
    return { total, bad: latencies.samples.filter((ms) => ms > thresholdMs).length };
  }
  const { bounds, counts } = latencies.histogram;
  const at = bounds.indexOf(thresholdMs);
  if (at < 0) {
    throw new MetricError(`${thresholdMs} ms is no bucket bound; bounds are ${bounds.join(", ")}`);
  }
  return { total, bad: counts.slice(at + 1).reduce((sum, count) => sum + count, 0) };
}

function quantileOfSamples(samples: readonly number[], quantile: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0;
}

/** The bound below which at least a share of requests lies. */
function quantileOfBuckets(
  { bounds }: { bounds: readonly number[] },
  counts: readonly number[],
  quantile: number,
): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [at, bound] of bounds.entries()) {
    below += counts[at] ?? 0;
    if (below >= quantile * total) return bound;
  }
  throw new MetricError(
    `quantile ${quantile} of the baseline is above the last bound, ${bounds.at(-1)} ms`,
  );
}

function quantileOf(all: readonly Latencies[], quantile: number): number {
  const samples = all.flatMap((each) => "samples" in each ? each.samples : []);
  const histograms = all.flatMap((each) => "histogram" in each ? [each.histogram] : []);
  const [first] = histograms;
  if (first === undefined) return quantileOfSamples(samples, quantile);
  const same = samples.length === 0 &&
    histograms.every(({ bounds }) => bounds.join() === first.bounds.join());
  if (!same) throw new MetricError("the first windows mix samples and different buckets");
  const counts = first.counts.map((_, at) =>
    histograms.reduce((sum, histogram) => sum + histogram.counts[at]!, 0)
  );
  return quantileOfBuckets(first, counts, quantile);
}

/** What counts as slow, and from which window on it may be used. */
export interface SlowThreshold {
  thresholdMs: number;
  /** Windows it was learnt from; they take no part in the test. */
  warmupWindows: number;
}

/**
 * What counts as slow: the policy's threshold, or the baseline's quantile over the first windows.
 * It is fixed from then on. The test would not hold if it were learnt from what is tested.
 *
 * @returns Undefined while there are not enough requests to learn from.
 */
export function slowThreshold(
  metric: LatencyMetric,
  windows: readonly MetricsWindow[],
): SlowThreshold | undefined {
  if (metric.threshold_ms !== undefined) {
    return { thresholdMs: metric.threshold_ms, warmupWindows: 0 };
  }
  const seen: Latencies[] = [];
  let timed = 0;
  for (const [at, { baseline }] of windows.entries()) {
    const latencies = baseline.latencies[metric.series];
    if (latencies === undefined) continue;
    seen.push(latencies);
    timed += timedRequests(latencies);
    if (timed >= metric.warmup_total) {
      return { thresholdMs: quantileOf(seen, metric.quantile!), warmupWindows: at + 1 };
    }
  }
  return undefined;
}

/** Slow requests of both groups; undefined where the window has no latencies of one of them. */
export function slowPair(
  { canary, baseline }: MetricsWindow,
  series: string,
  thresholdMs: number,
): Pair | undefined {
  const [c, b] = [canary.latencies[series], baseline.latencies[series]];
  if (c === undefined || b === undefined) return undefined;
  return { canary: slowRequests(c, thresholdMs), baseline: slowRequests(b, thresholdMs) };
}
