import { gammaln } from "simple-statistics";
import type { Counts } from "./counts.ts";

/** Both parameters of Jeffreys' prior for a share. */
const HALF = 0.5;

function logBeta(a: number, b: number): number {
  return gammaln(a) + gammaln(b) - gammaln(a + b);
}

/** Logarithm of the probability of a sequence of events, averaged over Jeffreys' prior. */
export function logMarginal({ total, bad }: Counts): number {
  return logBeta(bad + HALF, total - bad + HALF) - logBeta(HALF, HALF);
}

const times = (count: number, log: number): number => count === 0 ? 0 : count * log;

/** Logarithm of the probability of a sequence of events at a given share of bad ones. */
export function logLikelihood({ total, bad }: Counts, share: number): number {
  return times(bad, Math.log(share)) + times(total - bad, Math.log1p(-share));
}
