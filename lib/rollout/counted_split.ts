/** What is claimed about the served share, and how sure the answer must be. */
export interface CountedSplitRule {
  /** Share of responses that should come from the version in question, 0..1. */
  share: number;
  /** A true share this far away, or further, must not be accepted; 0..0.5. */
  margin: number;
  /** Risk of refusing when the true share is `share`. */
  alpha: number;
  /** Risk of accepting when the true share is off by `margin` or more. */
  beta: number;
  /** Responses after which it stays undecided. */
  maxSamples: number;
  /** Refuse only what is too high; a share below the claim is as good. */
  onlyAbove?: boolean;
}

/** Where a test stands. */
export type CountedVerdict = "undecided" | "agrees" | "differs" | "exhausted";

/** Log likelihood ratio of one alternative against the claim, until it is ruled out. */
interface Alternative {
  /** Added when the response is from the version. */
  hit: number;
  /** Added when it is not. */
  miss: number;
  ratio: number;
  ruledOut: boolean;
}

function logRatio(alternative: number, claim: number): number {
  if (alternative === claim) return 0;
  if (alternative === 0) return -Infinity;
  return claim === 0 ? Infinity : Math.log(alternative / claim);
}

/**
 * Decides from counted responses whether a wanted split is served.
 *
 * Two of Wald's sequential probability ratio tests run side by side, the claim `share` against
 * `share - margin` and against `share + margin` (cut off at 0 and 1): A. Wald, "Sequential Tests of
 * Statistical Hypotheses", Annals of Mathematical Statistics 16 (2), 1945, pages 117-186. The
 * boundaries are `log(2 / alpha)` and `log(beta)`. Because a likelihood ratio is a martingale with
 * mean 1, Ville's inequality bounds the risks by `alpha` and `beta` themselves, not approximately,
 * and at any number of looks; `2` shares alpha between the two tests.
 *
 * Responses must be independent draws. A balancer that deals them out in turn varies less than
 * that, which makes both errors rarer, not more frequent.
 */
export class CountedSplit {
  readonly #alternatives: Alternative[];
  readonly #refuseAt: number;
  readonly #ruleOutAt: number;
  #samples = 0;
  #hits = 0;
  #verdict: CountedVerdict = "undecided";

  /** @throws {RangeError} If a number is outside its range. */
  constructor(readonly rule: CountedSplitRule) {
    const { share, margin, alpha, beta, maxSamples } = rule;
    const sound = share >= 0 && share <= 1 && margin > 0 && margin < 0.5 && alpha > 0 &&
      alpha < 1 && beta > 0 && beta < 1 && Number.isInteger(maxSamples) && maxSamples > 0;
    if (!sound) throw new RangeError(`Cannot count split: bad rule ${JSON.stringify(rule)}`);
    const above = Math.min(1, share + margin);
    const alternatives = (rule.onlyAbove ? [above] : [Math.max(0, share - margin), above])
      .filter((alternative) => alternative !== share);
    this.#alternatives = alternatives.map((alternative) => ({
      hit: logRatio(alternative, share),
      miss: logRatio(1 - alternative, 1 - share),
      ratio: 0,
      ruledOut: false,
    }));
    this.#refuseAt = Math.log(2 / alpha);
    this.#ruleOutAt = Math.log(beta);
  }

  /** Responses counted so far. */
  get samples(): number {
    return this.#samples;
  }

  /** Of these, from the version in question. */
  get hits(): number {
    return this.#hits;
  }

  /** Final once it is not `undecided`. */
  get verdict(): CountedVerdict {
    return this.#verdict;
  }

  /** Takes one response into account and returns the verdict. Ignored after the verdict is final. */
  add(hit: boolean): CountedVerdict {
    if (this.#verdict !== "undecided") return this.#verdict;
    this.#samples++;
    if (hit) this.#hits++;
    for (const alternative of this.#alternatives) {
      if (alternative.ruledOut) continue;
      alternative.ratio += hit ? alternative.hit : alternative.miss;
      if (alternative.ratio >= this.#refuseAt) return this.#verdict = "differs";
      if (alternative.ratio <= this.#ruleOutAt) alternative.ruledOut = true;
    }
    if (this.#alternatives.every(({ ruledOut }) => ruledOut)) this.#verdict = "agrees";
    else if (this.#samples >= this.rule.maxSamples) this.#verdict = "exhausted";
    return this.#verdict;
  }
}
