import { assert } from "@std/assert/assert";
import { assertAlmostEquals } from "@std/assert/almost-equals";
import { ConditionalLikelihood } from "../../../lib/canary/conditional_likelihood.ts";
import { HarmTest } from "../../../lib/canary/harm_test.ts";
import { LimitTest } from "../../../lib/canary/limit_test.ts";
import { logEvidenceWithin } from "../../../lib/canary/within_test.ts";

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}

const chance = (n: number, k: number, p: number): number =>
  choose(n, k) * p ** k * (1 - p) ** (n - k);

/** Every outcome of two groups with its probability. */
function* outcomes(canary: [n: number, p: number], baseline: [n: number, p: number]) {
  for (let c = 0; c <= canary[0]; c++) {
    for (let b = 0; b <= baseline[0]; b++) {
      const probability = chance(canary[0], c, canary[1]) * chance(baseline[0], b, baseline[1]);
      const pair = {
        canary: { total: canary[0], bad: c },
        baseline: { total: baseline[0], bad: b },
      };
      yield { probability, pair };
    }
  }
}

Deno.test("ConditionalLikelihood sums to 1 over the canary's possible counts at every odds ratio", () => {
  for (const [nc, nb, bad] of [[5, 9, 6], [20, 4, 12], [7, 7, 0], [3, 50, 3]] as const) {
    for (const logOdds of [-2, 0, 0.7, 3]) {
      let sum = 0;
      for (let c = Math.max(0, bad - nb); c <= Math.min(nc, bad); c++) {
        const pair = { canary: { total: nc, bad: c }, baseline: { total: nb, bad: bad - c } };
        sum += Math.exp(new ConditionalLikelihood(pair).at(logOdds));
      }
      assertAlmostEquals(sum, 1, 1e-12);
    }
  }
});

Deno.test("ConditionalLikelihood at odds ratio 1 is the hypergeometric distribution", () => {
  const pair = { canary: { total: 10, bad: 4 }, baseline: { total: 20, bad: 3 } };
  const expected = (choose(10, 4) * choose(20, 3)) / choose(30, 7);
  assertAlmostEquals(Math.exp(new ConditionalLikelihood(pair).at(0)), expected, 1e-12);
});

Deno.test("HarmTest rejects over two looks with probability at most alpha, however rates change", () => {
  for (const [canary, baseline] of [[0.1, 0.1], [0.05, 0.1]] as const) {
    for (const alpha of [0.5, 0.2, 0.1, 0.05]) {
      let tail = 0;
      for (const first of outcomes([4, canary], [6, baseline])) {
        for (const second of outcomes([3, canary * 6], [5, baseline * 6])) {
          const test = new HarmTest();
          test.add(first.pair);
          if (test.add(second.pair) <= alpha) tail += first.probability * second.probability;
        }
      }
      assert(tail > 0 || alpha < 0.1, "the test never rejects, so this shows nothing");
      assert(tail <= alpha, `tail is ${tail} at alpha ${alpha}`);
    }
  }
});

Deno.test("HarmTest's evidence of one window has expectation 1 for equal groups, less for better canaries", () => {
  const expectation = (canary: number, baseline: number): number => {
    let sum = 0;
    for (const { probability, pair } of outcomes([6, canary], [9, baseline])) {
      const likelihood = new ConditionalLikelihood(pair);
      sum += probability * Math.exp(likelihood.at(Math.log(3)) - likelihood.at(0));
    }
    return sum;
  };
  assertAlmostEquals(expectation(0.3, 0.3), 1, 1e-9);
  assert(expectation(0.2, 0.3) < 1);
  assert(expectation(0.4, 0.3) > 1);
});

Deno.test("logEvidenceWithin() has expectation at most 1 wherever the excess is the tolerated one or more", () => {
  for (const [c, b] of [[0.15, 0.05], [0.3, 0.2], [0.9, 0.1], [0.1, 0]] as const) {
    let expectation = 0;
    for (const { probability, pair } of outcomes([12, c], [15, b])) {
      expectation += probability * Math.exp(logEvidenceWithin(pair, 0.1));
    }
    assert(expectation <= 1 + 1e-9, `expectation is ${expectation} at ${c}, ${b}`);
  }
});

Deno.test("logEvidenceWithin() grows beyond any bound when the groups are equal", () => {
  const pair = (n: number) => ({
    canary: { total: n, bad: n / 100 },
    baseline: { total: n, bad: n / 100 },
  });
  assert(logEvidenceWithin(pair(1000), 0.01) < 3);
  assert(logEvidenceWithin(pair(100_000), 0.01) > 50);
});

Deno.test("LimitTest rejects at one look with probability at most alpha at and below its limit", () => {
  for (const share of [0.2, 0.1]) {
    for (const alpha of [0.3, 0.1, 0.05]) {
      let tail = 0;
      for (let bad = 0; bad <= 40; bad++) {
        if (new LimitTest(0.2).look({ total: 40, bad }) <= alpha) tail += chance(40, bad, share);
      }
      assert(tail <= alpha, `tail is ${tail} at share ${share}, alpha ${alpha}`);
    }
  }
});
