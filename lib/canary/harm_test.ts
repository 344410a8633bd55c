import { AlwaysValidP, logSumExp } from "./always_valid_p.ts";
import { ConditionalLikelihood } from "./conditional_likelihood.ts";
import type { Pair } from "./counts.ts";

/** Logarithms of the odds ratios that are mixed: from a sixth more up to twenty times. */
const LOG_ODDS: readonly number[] = Array.from({ length: 20 }, (_, k) => 0.15 * (k + 1));

/** Logarithms of their weights: half a normal distribution, so that moderate harm is found fastest. */
const LOG_WEIGHTS: readonly number[] = (() => {
  const logs = LOG_ODDS.map((logOdds) => -(logOdds ** 2) / 2);
  const all = logSumExp(logs);
  return logs.map((log) => log - all);
})();

/**
 * Tests the hypothesis that bad events are not more likely in the canary than in the baseline, at
 * any number of looks.
 *
 * A mixture sequential probability ratio test (H. Robbins, "Statistical methods related to the law
 * of the iterated logarithm", Annals of Mathematical Statistics 41 (5), 1970, pages 1397-1409) on
 * the conditional likelihood of each window. Each window's ratio of the likelihood at some odds
 * ratio above 1 to that at 1 has expectation 1 when the true odds ratio is 1, and less when it is
 * below: the distribution has a monotone likelihood ratio. The product over windows is therefore an
 * e-process for the whole one-sided hypothesis, whatever the baseline's rate is and however it
 * changes from window to window, and so is the mixture. Nothing is approximated.
 *
 * Events must be independent given the rates of their window. Requests that fail together (a batch,
 * retries of one user) are one event: count users or batches then.
 */
export class HarmTest {
  readonly #scores = [...LOG_WEIGHTS];
  readonly #p = new AlwaysValidP();

  /** Takes a window into account; returns the p-value so far. */
  add(pair: Pair): number {
    const { canary, baseline } = pair;
    if (canary.total > 0 && baseline.total > 0 && canary.bad + baseline.bad > 0) {
      const likelihood = new ConditionalLikelihood(pair);
      const even = likelihood.at(0);
      LOG_ODDS.forEach((logOdds, k) => this.#scores[k]! += likelihood.at(logOdds) - even);
    }
    return this.#p.look(logSumExp(this.#scores));
  }

  get p(): number {
    return this.#p.value;
  }
}
