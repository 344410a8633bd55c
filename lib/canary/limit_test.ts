import { AlwaysValidP } from "./always_valid_p.ts";
import { logLikelihood, logMarginal } from "./beta_mixture.ts";
import { type Counts, shareOf } from "./counts.ts";

/**
 * Tests "the canary's share of bad events is at most `limit`" at any number of looks, whatever the
 * baseline does: the same kind of evidence as `WithinTest`, for one group.
 */
export class LimitTest {
  readonly #p = new AlwaysValidP();

  /** @param limit Share, above 0 and below 1. */
  constructor(readonly limit: number) {}

  /** @param sum Counts of the canary in all windows so far; returns the p-value so far. */
  look(sum: Counts): number {
    const best = Math.min(shareOf(sum), this.limit);
    return this.#p.look(logMarginal(sum) - logLikelihood(sum, best));
  }

  get p(): number {
    return this.#p.value;
  }
}
