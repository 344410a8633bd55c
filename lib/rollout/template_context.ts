import type { Intent } from "./intent.ts";
import type { TemplateValues } from "./template_values.ts";
import type { TrafficSplit } from "./traffic_split.ts";

/** Action a command is told when traffic is to go back to where the registry says. */
export const COMPENSATE = "compensate";

/**
 * What each placeholder stands for. `canary_*` and `stable_*` describe the state to be reached,
 * `before_*` the state to be left.
 */
export function templateValues(
  intent: Intent,
  { action, want, from, fence }: {
    action: string;
    want: TrafficSplit;
    from: TrafficSplit;
    fence: number;
  },
): TemplateValues {
  const { plan } = intent;
  const fromPercent = plan.from_rollout_percent ?? from.canary_rollout_percent;
  const toPercent = plan.rollout_percent ?? want.canary_rollout_percent;
  const back = action === COMPENSATE;
  return {
    action,
    target_version: plan.target_version,
    from_version: plan.from_version ?? "",
    to_version: plan.target_version,
    correlation_id: intent.correlation_id,
    release_candidate_id: intent.release_candidate_id,
    from_rollout_percent: String(back ? toPercent : fromPercent),
    to_rollout_percent: String(back ? fromPercent : toPercent),
    canary_rollout_percent: String(want.canary_rollout_percent),
    stable_rollout_percent: String(want.stable_rollout_percent),
    canary_version: want.canary_version,
    stable_version: want.stable_version,
    before_canary_rollout_percent: String(from.canary_rollout_percent),
    before_stable_rollout_percent: String(from.stable_rollout_percent),
    before_canary_version: from.canary_version,
    before_stable_version: from.stable_version,
    canary_traffic_weight: String(want.canary_weight),
    stable_traffic_weight: String(want.stable_weight),
    generation: String(intent.generation_before),
    fence: String(fence),
    intent_id: intent.intent_id,
    stage_index: String(plan.stage_index),
    stage_count: String(plan.stage_count),
  };
}
