/**
 * Error rates of the canary analysis, by simulation: thousands of seeded rollouts in which somebody
 * looks after every window.
 * @module
 */
import { assert } from "@std/assert/assert";
import { analyse } from "../../../lib/canary/analyse.ts";
import { type Pair, sumPairs } from "../../../lib/canary/counts.ts";
import { CanaryAnalysisPolicy } from "../../../lib/policy/canary_analysis_policy.ts";
import { binomial, seeded, simulate } from "./simulated.ts";

const ALPHA = 0.05;

/** Nothing but the statistics: no effect below which nothing is done, no waiting time. */
const POLICY = CanaryAnalysisPolicy.parse({
  version: 1,
  alpha: ALPHA,
  beta: ALPHA,
  min_observe_s: 0,
  max_age_s: 1e9,
  metrics: [
    {
      id: "error_rate",
      kind: "ratio",
      bad: "errors",
      total: "requests",
      harm_ratio: 1e-9,
      tolerated_ratio: 0.02,
      limit_ratio: 0.2,
      min_total: 1,
    },
    {
      id: "latency_p95",
      kind: "latency",
      series: "latency_ms",
      quantile: 0.95,
      warmup_total: 300,
      harm_ratio: 1e-9,
      tolerated_ratio: 0.05,
      min_total: 1,
    },
  ],
});

/** Highest share of errors that 2000 runs show with probability above 1 in 1000 at a true 5 %. */
const MOST = (runs: number): number => ALPHA + 3.1 * Math.sqrt((ALPHA * (1 - ALPHA)) / runs);

function shares(runs: number, one: (seed: number) => string): Record<string, number> {
  const counts: Record<string, number> = { pass: 0, fail: 0, inconclusive: 0 };
  for (let seed = 1; seed <= runs; seed++) counts[one(seed)]! += 1 / runs;
  return counts;
}

Deno.test("analyse() fails an equal canary in at most alpha of 2000 rollouts watched over 40 looks", () => {
  const rate = (window: number): number => 0.02 + 0.015 * Math.sin(window); // common to both groups
  const group = { errorRate: rate, meanMs: 80 };
  const seen = shares(2000, (seed) => {
    const windows = simulate(
      40,
      { ...group, requests: 20 },
      { ...group, requests: 60 },
      seed,
    );
    return analyse(windows, POLICY, 2400).verdict;
  });
  assert(seen.fail! <= MOST(2000), `false alarms: ${seen.fail}`);
  assert(seen.fail! > 0, "no alarm at all in 2000 runs: the test would not find harm either");
});

Deno.test("A fixed-sample test on the same kind of data, looked at as often, is wrong far more often", () => {
  // Shows that the simulation can tell a test that does not hold from one that does.
  let alarms = 0;
  for (let seed = 1; seed <= 500; seed++) {
    const random = seeded(seed);
    const pairs: Pair[] = [];
    let alarm = false;
    for (let look = 0; look < 40; look++) {
      pairs.push({
        canary: { total: 100, bad: binomial(100, 0.05, random) },
        baseline: { total: 100, bad: binomial(100, 0.05, random) },
      });
      const { canary, baseline } = sumPairs(pairs);
      const pooled = (canary.bad + baseline.bad) / (canary.total * 2);
      const z = (canary.bad - baseline.bad) / Math.sqrt(2 * canary.total * pooled * (1 - pooled));
      alarm ||= z > 1.645;
    }
    if (alarm) alarms++;
  }
  assert(alarms / 500 > 3 * ALPHA, `naive alarms: ${alarms / 500}`);
});

Deno.test("analyse() fails a canary with three times the errors in at least 95 % of rollouts", () => {
  const seen = shares(200, (seed) => {
    const canary = { requests: 50, errorRate: () => 0.06, meanMs: 80 };
    const baseline = { requests: 200, errorRate: () => 0.02, meanMs: 80 };
    return analyse(simulate(40, canary, baseline, seed), POLICY, 2400).verdict;
  });
  assert(seen.fail! >= 0.95, `found: ${seen.fail}`);
});

Deno.test("analyse() fails a canary that is twice as slow in at least 95 % of rollouts", () => {
  const seen = shares(200, (seed) => {
    const canary = { requests: 50, errorRate: () => 0.02, meanMs: 160 };
    const baseline = { requests: 200, errorRate: () => 0.02, meanMs: 80 };
    return analyse(simulate(20, canary, baseline, seed), POLICY, 1200).verdict;
  });
  assert(seen.fail! >= 0.95, `found: ${seen.fail}`);
});

Deno.test("analyse() passes a canary worse by the tolerated excess in at most beta of 1000 rollouts", () => {
  const seen = shares(1000, (seed) => {
    const canary = { requests: 60, errorRate: () => 0.04, meanMs: 80 };
    const baseline = { requests: 60, errorRate: () => 0.02, meanMs: 80 };
    return analyse(simulate(40, canary, baseline, seed), POLICY, 2400).verdict;
  });
  assert(seen.pass! <= MOST(1000), `false passes: ${seen.pass}`);
});

Deno.test("analyse() passes an equal canary in most rollouts that are long enough", () => {
  const seen = shares(100, (seed) => {
    const canary = { requests: 200, errorRate: () => 0.01, meanMs: 80 };
    const baseline = { requests: 400, errorRate: () => 0.01, meanMs: 80 };
    return analyse(simulate(25, canary, baseline, seed), POLICY, 1500).verdict;
  });
  assert(seen.pass! >= 0.8, `passed: ${seen.pass}`);
});
