import { assertEquals } from "@std/assert";
import { judgeRolloutStages } from "../../../lib/governance/cross_policy.ts";
import { ReleaseRolloutPolicy } from "../../../lib/policy/release_rollout_policy.ts";

const CASES: [what: string, canaryMax: number, canary: number[], stable: number[], ok: boolean][] =
  [
    ["the last stage at the cap", 50, [5, 50], [100], true],
    ["the last stage above the cap", 25, [5, 50], [100], false],
    ["the first stage below the least", 50, [1, 50], [100], false],
    ["stable that does not end at 100", 50, [5, 50], [50], false],
  ];

for (const [what, max, canary, stable, ok] of CASES) {
  Deno.test(`judgeRolloutStages() ${ok ? "passes" : "fails"} ${what}`, () => {
    const policy = ReleaseRolloutPolicy.parse({
      version: 1,
      channels: { canary: { min_rollout_percent: 2, max_rollout_percent: max } },
      stages: { canary, stable },
    });
    const check = judgeRolloutStages(policy, "security/release_rollout_policy.json");
    assertEquals([check.id, check.ok], ["xpolicy_canary_stages_within_max", ok]);
    assertEquals(check.mode, "enforce");
  });
}
