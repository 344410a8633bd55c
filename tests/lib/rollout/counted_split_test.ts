import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { CountedSplit, type CountedSplitRule } from "../../../lib/rollout/counted_split.ts";
import { type CountedShare, describeCount } from "../../../lib/rollout/sample_split.ts";
import { seeded } from "./simulator/random.ts";

const RULE: CountedSplitRule = {
  share: 0.25,
  margin: 0.05,
  alpha: 0.05,
  beta: 0.05,
  maxSamples: 1e5,
};

/** Runs per risk, and the most of them that may err: the risk and three standard deviations. */
const RUNS = 3000;
const most = (risk: number): number => RUNS * risk + 3 * Math.sqrt(RUNS * risk * (1 - risk));

/** Verdicts of `runs` tests whose responses come from the version with probability `truth`. */
function verdicts(rule: CountedSplitRule, truth: number, runs: number): Record<string, number> {
  const random = seeded(7);
  const counts: Record<string, number> = {};
  for (let run = 0; run < runs; run++) {
    const test = new CountedSplit(rule);
    while (test.verdict === "undecided") test.add(random.chance(truth));
    counts[test.verdict] = (counts[test.verdict] ?? 0) + 1;
  }
  return counts;
}

for (const share of [0.05, 0.25, 0.5, 0.95]) {
  Deno.test(`a right split of ${share} is refused no more often than alpha`, () => {
    const { differs = 0 } = verdicts({ ...RULE, share }, share, RUNS);
    assert(differs <= most(RULE.alpha), `${differs} of ${RUNS}`);
  });

  for (const off of [-0.05, 0.05]) {
    Deno.test(`a split ${off} away from ${share} is accepted no more often than beta`, () => {
      const { agrees = 0 } = verdicts({ ...RULE, share }, Math.max(0, share + off), RUNS);
      assert(agrees <= most(RULE.beta), `${agrees} of ${RUNS}`);
    });
  }
}

Deno.test("one stray response refuses a whole share", () => {
  for (const share of [0, 1]) {
    const test = new CountedSplit({ ...RULE, share });
    assertEquals(test.add(share === 1), "undecided");
    assertEquals(test.add(share !== 1), "differs");
  }
});

Deno.test("a test that runs out of samples is exhausted, not accepted", () => {
  const test = new CountedSplit({ ...RULE, share: 0.5, maxSamples: 10 });
  for (let n = 0; n < 20; n++) test.add(n % 2 === 0);
  assertEquals([test.verdict, test.samples], ["exhausted", 10]);
});

Deno.test("with onlyAbove a share below the claim is as good", () => {
  const test = new CountedSplit({ ...RULE, share: 0.001, onlyAbove: true });
  while (test.verdict === "undecided") test.add(false);
  assertEquals(test.verdict, "agrees");
});

Deno.test("a rule that means nothing is refused", () => {
  for (
    const wrong of [{ share: 1.1 }, { share: NaN }, { margin: 0 }, { alpha: 0 }, { beta: 1 }, {
      maxSamples: 0,
    }]
  ) {
    assertThrows(() => new CountedSplit({ ...RULE, ...wrong }), RangeError);
  }
});

Deno.test("describeCount() says what was counted and what was wanted", () => {
  const counted = { share: 0.24, samples: 100, wanted: 0.25, verdict: "agrees" } as CountedShare;
  assertEquals(describeCount(counted), "counted 24.0 % of 100 responses, wanted 25.0 %: agrees");
});
