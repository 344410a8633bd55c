import type { CanaryMetric } from "../policy/canary_analysis_policy.ts";
import type { Counts, Pair } from "./counts.ts";
import type { Group, MetricsWindow } from "./metrics_window.ts";
import { MetricError, slowPair, slowThreshold } from "./slow_requests.ts";

/** A metric as counts, one pair for each window; null where a window says nothing about it. */
export interface MetricPairs {
  pairs: (Pair | null)[];
  /** What counts as slow, where that is the question and it is known. */
  thresholdMs: number | null;
  /** Why nothing can be counted yet; empty where something can. */
  reason: string;
}

function counted(group: Group, bad: string, total: string): Counts | undefined {
  const [badCount, totalCount] = [group.counts[bad], group.counts[total]];
  if (badCount === undefined || totalCount === undefined) return undefined;
  if (badCount > totalCount) {
    throw new MetricError(`${bad} is ${badCount}, more than ${total}, which is ${totalCount}`);
  }
  return { bad: badCount, total: totalCount };
}

function ratioPair(
  { canary, baseline }: MetricsWindow,
  { bad, total }: { bad: string; total: string },
): Pair | null {
  const [c, b] = [counted(canary, bad, total), counted(baseline, bad, total)];
  return c === undefined || b === undefined ? null : { canary: c, baseline: b };
}

/**
 * Turns windows into counts of bad events.
 *
 * @throws {MetricError} If a window contradicts itself or does not fit the metric.
 */
export function metricPairs(metric: CanaryMetric, windows: readonly MetricsWindow[]): MetricPairs {
  if (metric.kind === "ratio") {
    const pairs = windows.map((window) => ratioPair(window, metric));
    return { pairs, thresholdMs: null, reason: "" };
  }
  const slow = slowThreshold(metric, windows);
  if (slow === undefined) {
    const reason = `fewer than ${metric.warmup_total} timed requests of the baseline to learn from`;
    return { pairs: windows.map(() => null), thresholdMs: null, reason };
  }
  const { thresholdMs, warmupWindows } = slow;
  const pairs = windows.map((window, at) =>
    at < warmupWindows ? null : slowPair(window, metric.series, thresholdMs) ?? null
  );
  return { pairs, thresholdMs, reason: "" };
}
