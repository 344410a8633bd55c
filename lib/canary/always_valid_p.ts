/** Logarithm of the sum of exponentials. */
export function logSumExp(logs: readonly number[]): number {
  const top = Math.max(...logs);
  if (top === -Infinity) return top;
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
}

/**
 * A p-value that may be looked at as often as one likes.
 *
 * Fed with an e-process, that is, with values whose expectation under the null hypothesis is at most
 * 1 at every stopping time. By Ville's inequality the largest value ever seen exceeds `1 / alpha`
 * with probability at most `alpha`, so the inverse of the largest value is a p-value at every moment
 * and for every reason to stop: R. Johari, P. Koomen, L. Pekelis and D. Walsh, "Always valid
 * inference: continuous monitoring of A/B tests", Operations Research 70 (3), 2022, pages 1806-1821;
 * A. Ramdas, P. Grünwald, V. Vovk and G. Shafer, "Game-theoretic statistics and safe anytime-valid
 * inference", Statistical Science 38 (4), 2023, pages 576-601.
 */
export class AlwaysValidP {
  #largest = 0;

  /** Takes the logarithm of the e-process at this look; returns the p-value, which never rises. */
  look(logE: number): number {
    this.#largest = Math.max(this.#largest, logE);
    return this.value;
  }

  /** In 0..1; 1 before the first look. */
  get value(): number {
    return Math.exp(-this.#largest);
  }
}
