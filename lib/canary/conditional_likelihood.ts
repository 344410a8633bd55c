import type { Pair } from "./counts.ts";

/** Terms this much smaller than the largest, as a logarithm, no longer change a sum. */
const NEGLIGIBLE = 40;

/**
 * How likely the canary's bad events are, given how many there were in both groups together, for
 * any odds ratio between canary and baseline: Fisher's noncentral hypergeometric distribution (R. A.
 * Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society 98 (1), 1935,
 * pages 39-82). Conditioning on the total removes the unknown rate of the baseline, so a window in
 * which both groups suffer alike says nothing against the canary.
 */
export class ConditionalLikelihood {
  /** Logarithms of the weights at odds ratio 1, up to a common constant; first is at `low`. */
  readonly #weights: Float64Array;
  readonly #low: number;
  readonly #observed: number;

  constructor({ canary, baseline }: Pair) {
    const bad = canary.bad + baseline.bad;
    const low = Math.max(0, bad - baseline.total);
    const high = Math.min(canary.total, bad);
    const weights = new Float64Array(high - low + 1);
    for (let i = 1; i < weights.length; i++) {
      const x = low + i - 1;
      const gain = ((bad - x) * (canary.total - x)) / ((x + 1) * (baseline.total - bad + x + 1));
      weights[i] = weights[i - 1]! + Math.log(gain);
    }
    this.#weights = weights;
    this.#low = low;
    this.#observed = canary.bad;
  }

  #term(at: number, logOdds: number): number {
    return this.#weights[at]! + (this.#low + at) * logOdds;
  }

  /** Where the distribution has its mode: terms rise, then fall. */
  #mode(logOdds: number): number {
    let low = 0;
    for (let high = this.#weights.length - 1; low < high;) {
      const middle = (low + high) >> 1;
      if (this.#term(middle + 1, logOdds) > this.#term(middle, logOdds)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #logSum(logOdds: number): number {
    const mode = this.#mode(logOdds);
    const top = this.#term(mode, logOdds);
    let sum = 0;
    for (const step of [-1, 1]) {
      for (let at = mode + (step > 0 ? 0 : -1); at >= 0 && at < this.#weights.length; at += step) {
        const below = this.#term(at, logOdds) - top;
        if (below < -NEGLIGIBLE) break;
        sum += Math.exp(below);
      }
    }
    return top + Math.log(sum);
  }

  /** Logarithm of the probability of what was observed. */
  at(logOdds: number): number {
    return this.#term(this.#observed - this.#low, logOdds) - this.#logSum(logOdds);
  }
}
