import { type ChangeBy, changeChannel } from "./channel_change.ts";
import type { Channels } from "./channels.ts";
import type { RolloutPlan } from "./rollout_plan.ts";

const ROW_ACTION = {
  set_canary: "set",
  rollout_canary: "rollout",
  promote_stable: "promote",
  rollout_stable: "rollout",
  abort_canary: "abort",
  rollback_stable: "rollback",
} as const;

/**
 * The registry after a plan: one channel changed, one history row appended. `noop` and `reconcile`
 * return the registry itself.
 *
 * @throws {TypeError} If the plan names an action but no channel or percent.
 */
export function applyPlan(store: Channels, plan: RolloutPlan, by: ChangeBy): Channels {
  const { action, channel, rollout_percent: percent, target_version: version } = plan;
  if (action === "noop" || action === "reconcile") return store;
  if (channel === undefined || percent === undefined) {
    throw new TypeError(`Cannot apply plan "${action}": it names no channel or percent`);
  }
  const label = action === "promote_stable" ? "canary->stable" : channel;
  const change = { channel, version, percent, action: ROW_ACTION[action], label };
  return changeChannel(store, change, by);
}
