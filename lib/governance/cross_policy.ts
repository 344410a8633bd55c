import type { ReleaseRolloutPolicy } from "../policy/release_rollout_policy.ts";
import { rolloutPolicyConflicts } from "../policy/release_rollout_policy.ts";
import type { Check } from "../report/check.ts";

/**
 * Judges whether the rollout policy agrees with itself: a plan whose stages leave the allowed
 * percents would be refused half-way, with users on it.
 */
export function judgeRolloutStages(policy: ReleaseRolloutPolicy, file: string): Check {
  const conflicts = rolloutPolicyConflicts(policy);
  return {
    id: "xpolicy_canary_stages_within_max",
    ok: conflicts.length === 0,
    mode: "enforce",
    value: {
      examined: policy.stages.canary.length + policy.stages.stable.length,
      conflicts: conflicts.map(({ keys, detail }) => `${keys.join(" and ")}: ${detail}`),
    },
    expect: "every stage within the percents that the channels allow",
    hint: `make the two keys agree in ${file}`,
    location: { file },
  };
}
