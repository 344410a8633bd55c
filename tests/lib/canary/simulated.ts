import type { MetricsWindow } from "../../../lib/canary/metrics_window.ts";

/** A repeatable source of numbers in 0..1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How many of `n` events happen, each with probability `p`. */
export function binomial(n: number, p: number, random: () => number): number {
  let count = 0;
  for (let i = 0; i < n; i++) if (random() < p) count++;
  return count;
}

/** What one simulated group does in each window. */
export interface SimulatedGroup {
  requests: number;
  /** Error rate in a window, counted from 0. */
  errorRate: (window: number) => number;
  /** Latencies are exponential with this mean, milliseconds. */
  meanMs: number;
}

function group({ requests, errorRate, meanMs }: SimulatedGroup, at: number, random: () => number) {
  const errors = binomial(requests, errorRate(at), random);
  const samples = Array.from({ length: requests }, () => -meanMs * Math.log(1 - random()));
  return { counts: { requests, errors }, latencies: { latency_ms: { samples } } };
}

/** Windows of one minute, from epoch second 0. */
export function simulate(
  count: number,
  canary: SimulatedGroup,
  baseline: SimulatedGroup,
  seed: number,
): MetricsWindow[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, at) => ({
    start: at * 60,
    end: at * 60 + 60,
    canary: group(canary, at, random),
    baseline: group(baseline, at, random),
  }));
}
