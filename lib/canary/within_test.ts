import { AlwaysValidP, logSumExp } from "./always_valid_p.ts";
import { logLikelihood, logMarginal } from "./beta_mixture.ts";
import { type Pair, shareOf } from "./counts.ts";

/** Halvings of the interval in which the best share is looked for; beyond double precision. */
const HALVINGS = 60;

/** Slope of the likelihood along `canary share = baseline share + excess`; it falls throughout. */
function slope({ canary, baseline }: Pair, share: number, excess: number): number {
  const part = (count: number, over: number): number => count === 0 ? 0 : count / over;
  return part(canary.bad, share + excess) - part(canary.total - canary.bad, 1 - share - excess) +
    part(baseline.bad, share) - part(baseline.total - baseline.bad, 1 - share);
}

/** Largest log likelihood of all shares at which the canary's exceeds the baseline's by `excess`. */
function bestOnLine(pair: Pair, excess: number): number {
  let low = Math.max(0, -excess);
  let high = Math.min(1, 1 - excess);
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (slope(pair, middle, excess) > 0) low = middle;
    else high = middle;
  }
  const share = (low + high) / 2;
  return logLikelihood(pair.baseline, share) + logLikelihood(pair.canary, share + excess);
}

/** Largest log likelihood of all shares at which the canary's exceeds by `excess` or more. */
function bestBeyond(pair: Pair, excess: number): number {
  const { canary, baseline } = pair;
  const [c, b] = [shareOf(canary), shareOf(baseline)];
  if (c - b >= excess) return logLikelihood(canary, c) + logLikelihood(baseline, b);
  return bestOnLine(pair, excess);
}

/** Half the weight for equal shares, half for any two shares: canaries are mostly like baselines. */
function logMixture({ canary, baseline }: Pair): number {
  const together = {
    total: canary.total + baseline.total,
    bad: canary.bad + baseline.bad,
  };
  const each = logMarginal(canary) + logMarginal(baseline);
  return logSumExp([logMarginal(together), each]) - Math.LN2;
}

/**
 * Logarithm of the evidence that the canary's share of bad events exceeds the baseline's by less
 * than `excess`.
 *
 * A running likelihood ratio of a mixture to the best of the hypothesis "by `excess` or more". For
 * each pair of shares in that hypothesis the mixture over the likelihood at that pair is a
 * martingale with mean 1, and the ratio to the best is never larger: L. Wasserman, A. Ramdas and S.
 * Balakrishnan, "Universal inference", PNAS 117 (29), 2020, pages 16880-16890. It is therefore an
 * e-process, exactly and for any sample size, as long as the shares stay what they are.
 */
export function logEvidenceWithin(sum: Pair, excess: number): number {
  return logMixture(sum) - bestBeyond(sum, excess);
}

/**
 * Smallest excess that is ruled out at this look with error `beta`; 1 where none is.
 *
 * @param sum Counts of all windows so far.
 */
export function upperExcess(sum: Pair, beta: number): number {
  const needed = Math.log(1 / beta);
  let [low, high] = [-1, 1];
  for (let i = 0; i < HALVINGS / 2; i++) {
    const middle = (low + high) / 2;
    if (logEvidenceWithin(sum, middle) >= needed) high = middle;
    else low = middle;
  }
  return high;
}

/** Tests "the canary exceeds the baseline by `excess` or more" at any number of looks. */
export class WithinTest {
  readonly #p = new AlwaysValidP();

  /** @param excess Difference of shares, above 0 and below 1. */
  constructor(readonly excess: number) {}

  /** @param sum Counts of all windows so far; returns the p-value so far. */
  look(sum: Pair): number {
    return this.#p.look(logEvidenceWithin(sum, this.excess));
  }

  get p(): number {
    return this.#p.value;
  }
}
