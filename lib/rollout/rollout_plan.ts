import { changedChannel, type Channels, type HistoryRow } from "./channels.ts";

/** What one run of the executor may do to the registry. */
export type PlanAction =
  | "noop"
  | "set_canary"
  | "rollout_canary"
  | "promote_stable"
  | "rollout_stable"
  | "abort_canary"
  | "rollback_stable"
  | "reconcile";

/** One stage. Plain data: printed by a dry run, journalled by an apply. */
export interface RolloutPlan {
  action: PlanAction;
  /** A fixed word such as `advance_canary_stage`; the history row's reason unless one is given. */
  reason: string;
  /** Version the action is about. */
  target_version: string;
  /** Channel changed; absent for `noop` and `reconcile`. */
  channel?: "canary" | "stable";
  /** Version the changed channel serves before. */
  from_version?: string;
  /** Percent of the changed channel before. */
  from_rollout_percent?: number;
  /** Percent of the changed channel after. */
  rollout_percent?: number;
  /** Percent of the canary that is to be promoted. */
  canary_percent?: number;
  /** Position among all stages, from 1; 0 where the action is none of them. */
  stage_index: number;
  stage_count: number;
}

/** What to plan: the next stage, or a way back. */
export type PlanGoal = "advance" | "abort" | "rollback";

/**
 * Whether a plan takes traffic away from a version that does harm. Such a plan is never undone
 * because it went badly: half of it is better than none.
 */
export function isWayBack({ action }: Pick<RolloutPlan, "action">): boolean {
  return action === "abort_canary" || action === "rollback_stable";
}

/** Stages of a policy. */
export interface Stages {
  canary: readonly number[];
  stable: readonly number[];
}

/** What the planner needs to know. */
export interface PlanRequest {
  goal: PlanGoal;
  targetVersion: string;
  stages: Stages;
  /** Rolling back: the version to return to; default: none, and the plan is `noop`. */
  rollbackVersion?: string;
}

type Channel = "canary" | "stable";

function stageNumbers(
  { canary, stable }: Stages,
  channel: Channel,
  percent: number,
): Pick<RolloutPlan, "stage_index" | "stage_count"> {
  const at = (channel === "canary" ? canary : stable).indexOf(percent);
  const before = channel === "canary" ? 0 : canary.length;
  return { stage_index: at < 0 ? 0 : before + at + 1, stage_count: canary.length + stable.length };
}

/** The next stage towards the target. First match wins. */
function planAdvance(store: Channels, { targetVersion: target, stages }: PlanRequest): RolloutPlan {
  const count = stages.canary.length + stages.stable.length;
  const idle = { target_version: target, stage_index: 0, stage_count: count };
  const { canary, stable } = store.channels;
  if (canary === undefined || stable === undefined) {
    return { ...idle, action: "noop", reason: "registry_incomplete" };
  }
  const step = (action: PlanAction, reason: string, channel: Channel, percent: number) => ({
    ...idle,
    action,
    reason,
    channel,
    from_version: store.channels[channel]?.version ?? "",
    from_rollout_percent: store.channels[channel]?.rollout_percent ?? 0,
    rollout_percent: percent,
    ...stageNumbers(stages, channel, percent),
  });
  if (stable.version === target) {
    const next = stages.stable.find((percent) => percent > stable.rollout_percent);
    if (stable.rollout_percent >= 100 || next === undefined) {
      return { ...idle, action: "noop", reason: "target_already_stable" };
    }
    return step("rollout_stable", "normalize_stable_rollout", "stable", next);
  }
  if (canary.version !== target) {
    return step("set_canary", "start_canary_stage", "canary", stages.canary[0] ?? 0);
  }
  const next = stages.canary.find((percent) => percent > canary.rollout_percent);
  if (next !== undefined) return step("rollout_canary", "advance_canary_stage", "canary", next);
  const first = stages.stable[0] ?? 100;
  return {
    ...step("promote_stable", "canary_stages_completed", "stable", first),
    canary_percent: canary.rollout_percent,
  };
}

function planAbort(store: Channels, { stages }: PlanRequest): RolloutPlan {
  const { canary, stable } = store.channels;
  const count = stages.canary.length + stages.stable.length;
  const common = { target_version: canary?.version ?? "", stage_index: 0, stage_count: count };
  const inFlight = canary !== undefined && canary.version !== stable?.version &&
    canary.rollout_percent > 0;
  if (!inFlight) return { ...common, action: "noop", reason: "no_canary_in_flight" };
  return {
    ...common,
    action: "abort_canary",
    reason: "abort_requested",
    channel: "canary",
    from_version: canary.version,
    from_rollout_percent: canary.rollout_percent,
    rollout_percent: 0,
  };
}

function planRollback(store: Channels, { rollbackVersion, stages }: PlanRequest): RolloutPlan {
  const { stable } = store.channels;
  const count = stages.canary.length + stages.stable.length;
  const common = { target_version: rollbackVersion ?? "", stage_index: 0, stage_count: count };
  if (rollbackVersion === undefined || stable === undefined) {
    return { ...common, action: "noop", reason: "no_rollback_target" };
  }
  return {
    ...common,
    action: "rollback_stable",
    reason: "rollback_requested",
    channel: "stable",
    from_version: stable.version,
    from_rollout_percent: stable.rollout_percent,
    rollout_percent: 100,
  };
}

/** Plans exactly one stage. Whether it may be applied is judged elsewhere (`judgePlan`). */
export function planRollout(store: Channels, request: PlanRequest): RolloutPlan {
  if (request.goal === "abort") return planAbort(store, request);
  if (request.goal === "rollback") return planRollback(store, request);
  return planAdvance(store, request);
}

/** The newest row that touched a channel and one version, by position in the history. */
export function newestRowFor(
  store: Channels,
  channel: string,
  version: string,
  actions?: readonly string[],
): HistoryRow | undefined {
  return store.history.findLast((row) =>
    changedChannel(row) === channel && row.to_version === version &&
    (actions === undefined || actions.includes(row.action))
  );
}

/** Whether the newest thing that happened to this canary is that it was aborted or rolled back. */
export function wasAborted(store: Channels, version: string): boolean {
  const newest = store.history.findLast((row) =>
    changedChannel(row) === "canary" && (row.to_version === version || row.from_version === version)
  );
  if (newest?.action === "abort") return newest.to_version === version;
  return newest?.action === "rollback" && newest.from_version === version;
}

/**
 * Since when the stage to be left has been served, epoch seconds; undefined when nothing says so,
 * which must block, not pass.
 */
export function observedSince(store: Channels, plan: RolloutPlan): number | undefined {
  const { action, target_version: target } = plan;
  const leaving = action === "rollout_stable" ? "stable" : "canary";
  const actions = leaving === "stable" ? ["promote", "rollout", "set"] : ["set", "rollout"];
  const since = newestRowFor(store, leaving, target, actions)?.ts ??
    store.channels[leaving]?.updated_at ?? 0;
  return since > 0 ? since : undefined;
}
