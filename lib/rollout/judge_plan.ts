import { isSemver } from "../project/semver.ts";
import {
  type ReleaseRolloutPolicy,
  rolloutPolicyConflicts,
} from "../policy/release_rollout_policy.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { isFrozen } from "./channel_change.ts";
import type { Channels } from "./channels.ts";
import { observedSince, type RolloutPlan, wasAborted } from "./rollout_plan.ts";
import { isSafeId } from "./template_values.ts";
import { compareVersions } from "../project/semver.ts";

/** What the operator allowed, and who and what the run is. */
export interface PlanRun {
  targetVersion: string;
  correlationId: string;
  releaseCandidateId: string;
  /** Free of checks: an abort or a rollback must stay possible. */
  isWayBack: boolean;
  allowDowngrade: boolean;
  supersede: boolean;
  resume: boolean;
  /** Epoch seconds. */
  nowS: number;
}

const POLICY = "security/release_rollout_policy.json";

function idChecks({ correlationId, releaseCandidateId }: PlanRun): Check[] {
  return [
    ["correlation_id_present", correlationId, "--correlation-id"] as const,
    ["release_candidate_id_present", releaseCandidateId, "--release-candidate-id"] as const,
  ].map(([id, value, flag]) => ({
    id,
    ok: isSafeId(value),
    mode: "enforce",
    value,
    expect: "1 to 128 letters, digits and . _ : / -, not beginning with one of these",
    hint: `pass another ${flag}`,
  }));
}

function targetChecks(store: Channels, plan: RolloutPlan, run: PlanRun): Check[] {
  const { canary, stable } = store.channels;
  const target = run.targetVersion;
  const sound = isSemver(target) && isSemver(canary?.version ?? "") &&
    isSemver(stable?.version ?? "");
  const semver: Check = {
    id: "target_version_semver",
    ok: run.isWayBack ? plan.action === "noop" || isSemver(plan.target_version) : isSemver(target),
    mode: "enforce",
    value: target,
    expect: "a SemVer 2.0.0 version",
    hint: "pass --target-version X.Y.Z",
  };
  if (run.isWayBack || !sound || canary === undefined || stable === undefined) return [semver];
  const inFlight = canary.version !== stable.version && canary.version !== target &&
    canary.rollout_percent > 0;
  return [
    semver,
    {
      id: "target_not_downgrade",
      ok: run.allowDowngrade || compareVersions(target, stable.version) >= 0,
      mode: "enforce",
      value: { target, stable: stable.version },
      expect: "target >= stable by SemVer precedence",
      hint: "to go back use --rollback-stable; to insist, --allow-downgrade with --reason",
    },
    {
      id: "no_other_canary_in_flight",
      ok: run.supersede || !inFlight,
      mode: "enforce",
      value: { canary: canary.version, percent: canary.rollout_percent, target },
      expect: "no other version is being tried out",
      hint: "finish it, --abort it, or pass --supersede with --reason",
    },
    {
      id: "target_not_aborted",
      ok: run.resume || plan.action === "set_canary" || !wasAborted(store, target),
      mode: "enforce",
      value: target,
      expect: "a version whose rollout was not aborted",
      hint: "release another version, or pass --resume with --reason",
    },
  ];
}

function percentChecks(plan: RolloutPlan, policy: ReleaseRolloutPolicy): Check[] {
  const { min_rollout_percent: min, max_rollout_percent: max } = policy.channels.canary;
  const percent = plan.rollout_percent ?? -1;
  const grows = plan.action === "set_canary" || plan.action === "rollout_canary";
  const final = policy.stages.canary.at(-1) ?? 0;
  const canaryPercent = plan.action === "promote_stable" ? plan.canary_percent ?? -1 : -1;
  return [
    ...(grows
      ? [{
        id: "planned_percent_within_policy",
        ok: percent >= min && percent <= max,
        mode: "enforce" as const,
        value: percent,
        expect: `${min}..${max}`,
        hint: `correct /stages/canary or /channels/canary in ${POLICY}`,
      }]
      : []),
    ...(plan.action === "promote_stable"
      ? [{
        id: "canary_at_final_stage",
        ok: canaryPercent === final,
        mode: "enforce" as const,
        value: canaryPercent,
        expect: `${final}, the last of /stages/canary`,
        hint: "set the canary to a stage of the policy: release_channel_control set",
      }]
      : []),
  ];
}

/** Settings that contradict each other, both named. */
export function policyConsistent(policy: ReleaseRolloutPolicy, mode: Mode): Check {
  const conflicts = rolloutPolicyConflicts(policy);
  return {
    id: "rollout_policy_consistent",
    ok: conflicts.length === 0,
    mode,
    value: conflicts.map(({ keys: [a, b], detail }) => `${a} and ${b}: ${detail}`),
    expect: "no two settings that contradict each other",
    hint: `correct ${POLICY}`,
    location: { file: POLICY },
  };
}

/** How long the stage to be left was served. Unknown, or a clock that went back, does not pass. */
export function observationCheck(
  store: Channels,
  plan: RolloutPlan,
  policy: ReleaseRolloutPolicy,
  { nowS, mode }: { nowS: number; mode: Mode },
): Check {
  const id = "canary_observation_window_met";
  const stays = ["rollout_canary", "promote_stable", "rollout_stable"];
  const { min_stage_observe_s: stageS } = policy.stages;
  const promoting = plan.action === "promote_stable";
  const wantS = promoting ? Math.max(stageS, policy.promotion.min_canary_observe_s) : stageS;
  const expect = `>= ${wantS} s`;
  if (!stays.includes(plan.action)) {
    return notApplicable(id, expect, `${plan.action} leaves no stage`);
  }
  const since = observedSince(store, plan);
  const observedS = since === undefined ? null : Math.round((nowS - since) * 1000) / 1000;
  return {
    id,
    ok: observedS !== null && observedS >= wantS,
    mode,
    value: observedS,
    expect,
    hint: observedS === null
      ? "nothing says since when this stage is served: set it again with release_channel_control"
      : observedS < 0
      ? "the clock is behind the history: compare the clocks of the machines"
      : `wait ${Math.ceil(wantS - observedS)} s more`,
  };
}

/** Everything that must hold for a plan to make sense, whoever applies it and when. */
export function judgePlan(
  store: Channels,
  plan: RolloutPlan,
  policy: ReleaseRolloutPolicy,
  run: PlanRun,
  gate: Mode,
): Check[] {
  const { freeze } = store;
  const changes = plan.action !== "noop" && !run.isWayBack;
  return [
    policyConsistent(policy, gate),
    ...targetChecks(store, plan, run),
    ...idChecks(run),
    ...percentChecks(plan, policy),
    {
      id: "channels_not_frozen",
      ok: !changes || !isFrozen(store, run.nowS),
      mode: "enforce",
      value: freeze ?? null,
      expect: "no freeze in force",
      hint: "wait, or lift it with: release_channel_control unfreeze",
    },
  ];
}
