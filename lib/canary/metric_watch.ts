import type { CanaryMetric } from "../policy/canary_analysis_policy.ts";
import { type Pair, shareOf } from "./counts.ts";
import { HarmTest } from "./harm_test.ts";
import { LimitTest } from "./limit_test.ts";
import { WithinTest } from "./within_test.ts";

/** Watches one metric: all its tests, fed window by window. */
export class MetricWatch {
  readonly #harm = new HarmTest();
  readonly #within: WithinTest;
  readonly #limit: LimitTest | undefined;
  readonly sum: Pair = { canary: { total: 0, bad: 0 }, baseline: { total: 0, bad: 0 } };
  windows = 0;

  constructor(readonly metric: CanaryMetric) {
    this.#within = new WithinTest(metric.tolerated_ratio);
    if (metric.limit_ratio !== undefined) this.#limit = new LimitTest(metric.limit_ratio);
  }

  /** Takes one window into account. */
  add(pair: Pair): void {
    this.windows++;
    for (const group of ["canary", "baseline"] as const) {
      this.sum[group].total += pair[group].total;
      this.sum[group].bad += pair[group].bad;
    }
    this.#harm.add(pair);
    this.#within.look(this.sum);
    this.#limit?.look(this.sum.canary);
  }

  /** Whether both groups have the events that a decision needs. */
  get enough(): boolean {
    const { min_total: least } = this.metric;
    return this.sum.canary.total >= least && this.sum.baseline.total >= least;
  }

  /** The canary's share of bad events less the baseline's, as observed. */
  get excess(): number {
    return shareOf(this.sum.canary) - shareOf(this.sum.baseline);
  }

  /** p-value of "no worse than the baseline". */
  get pHarm(): number {
    return this.#harm.p;
  }

  /** p-value of "at most the limit"; undefined without a limit. */
  get pLimit(): number | undefined {
    return this.#limit?.p;
  }

  /** p-value of "worse by the tolerated excess or more". */
  get pWithin(): number {
    return this.#within.p;
  }
}
