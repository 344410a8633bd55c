import type { Context } from "../command/command.ts";
import type { Values } from "../command/flag.ts";
import type { ReleaseRolloutPolicy } from "../policy/release_rollout_policy.ts";
import type { Check, Mode } from "../report/check.ts";
import type { Channels } from "./channels.ts";
import { servedBefore } from "./channel_operations.ts";
import type { EXECUTOR_FLAGS } from "./executor_flags.ts";
import { readHistoryArchive } from "./history_archive.ts";
import { judgePlan, observationCheck } from "./judge_plan.ts";
import { type PlanGoal, planRollout, type RolloutPlan } from "./rollout_plan.ts";
import { type GateEvidence, judgeGates } from "./stage_gates.ts";
import { compareVersions, isSemver } from "../project/semver.ts";

type Run = Pick<
  Context<typeof EXECUTOR_FLAGS, undefined>,
  "inputs" | "nowS" | "gate" | "strict" | "git"
>;
type Flags = Values<typeof EXECUTOR_FLAGS>;

/** Ids of one run; derived from each other, or from the time, where one is not given. */
export interface RolloutIds {
  correlation_id: string;
  release_candidate_id: string;
}

/** The ids in force. A plain time is unique enough: one executor runs at a time. */
export function rolloutIds(
  given: { correlation: string | undefined; candidate: string | undefined },
  targetVersion: string,
  nowS: number,
): RolloutIds {
  const { correlation, candidate } = given;
  const start = Math.trunc(nowS);
  const version = targetVersion.replaceAll(/[^A-Za-z0-9]+/g, "-");
  return {
    correlation_id: correlation ?? candidate ?? `rollout-${start}`,
    release_candidate_id: candidate ?? correlation ?? `rc-${version}-${start}`,
  };
}

/** A plan with everything that was judged about it. */
export interface JudgedPlan {
  plan: RolloutPlan;
  /** Rows about whether it makes sense at all. */
  planChecks: Check[];
  /** Rows about whether it may be applied now. */
  applyChecks: Check[];
  evidence: GateEvidence[];
  applyReady: boolean;
}

/**
 * What is wanted of this run.
 *
 * @param harm Whether the canary is proven harmful, which turns an advance into an abort.
 */
export function goalOf(flags: Flags, harm: boolean): PlanGoal {
  if (flags["rollback-stable"]) return "rollback";
  return flags.abort || harm ? "abort" : "advance";
}

/** Where a rollback of stable goes, and whether stable has been there. */
async function rollbackTarget(
  store: Channels,
  flags: Flags,
  registryPath: string,
): Promise<{ version: string | undefined; check: Check }> {
  const current = store.channels.stable?.version ?? "";
  const served = isSemver(current)
    ? servedBefore(store, "stable", await readHistoryArchive(registryPath))
      .filter((version) => compareVersions(version, current) < 0)
    : [];
  const version = flags["to-version"] ?? served.at(-1);
  const check: Check = {
    id: "rollback_target_served_before",
    ok: version !== undefined && served.includes(version),
    mode: "enforce",
    value: { target: version ?? null, served_below: served },
    expect: `a version below ${current} that stable has served`,
    hint: "see what stable has served with: release_channel_control history",
  };
  return { version, check };
}

/** Overrides must say why, and skipping evidence needs a second person. */
function overrideChecks(flags: Flags, applying: boolean): Check[] {
  const overrides = ["resume", "supersede", "allow-downgrade", "allow-gate-failures"] as const;
  const used = overrides.filter((name) => flags[name]);
  const unexplained = used.length > 0 && flags.reason === undefined && applying;
  const { approver, "incident-id": incident } = flags;
  const alone = approver === undefined || approver === flags.actor || incident === undefined;
  return [
    {
      id: "overrides_explained",
      ok: !unexplained,
      mode: "enforce",
      value: used,
      expect: "--reason with every override",
      hint: "pass --reason",
    },
    ...(flags["allow-gate-failures"] && applying
      ? [{
        id: "gate_failures_approved",
        ok: !alone,
        mode: "enforce" as const,
        value: { approver: approver ?? null, incident_id: incident ?? null },
        expect: "an approver who is not the actor, and an incident",
        hint: "pass --approver and --incident-id",
      }]
      : []),
  ];
}

/** In a dry run, what is only missing for an apply does not make the plan unsound. */
function modes(flags: Flags, run: Run, applying: boolean): { plan: Mode; gates: Mode; wait: Mode } {
  const ready = flags["require-apply-ready"];
  const enforce = (condition: boolean): Mode => condition ? "enforce" : "warn";
  return {
    plan: enforce(applying || run.strict || flags["plan-strict"]),
    gates: enforce(!flags["allow-gate-failures"] && (applying || run.strict || ready)),
    wait: enforce(applying || ready),
  };
}

/** Plans one stage and judges it. Reads reports; changes nothing. */
export async function judgedPlan(
  run: Run,
  flags: Flags,
  store: Channels,
  policy: ReleaseRolloutPolicy,
  { goal, target, ids, applying, registryPath }: {
    goal: PlanGoal;
    target: string;
    ids: RolloutIds;
    applying: boolean;
    registryPath: string;
  },
): Promise<JudgedPlan> {
  const back = goal === "rollback" ? await rollbackTarget(store, flags, registryPath) : undefined;
  const plan = planRollout(store, {
    goal,
    targetVersion: target,
    stages: policy.stages,
    ...(back?.version === undefined ? {} : { rollbackVersion: back.version }),
  });
  const mode = modes(flags, run, applying);
  const isWayBack = goal !== "advance";
  const gates = await judgeGates(
    policy.gates.required_reports,
    {
      nowS: run.nowS,
      commit: (await run.git()).commit,
      releaseCandidateId: flags["release-candidate-id"] ?? "",
      demandClean: run.strict,
    },
    isWayBack ? "warn" : mode.gates,
    (query) => run.inputs.evidence(query),
  );
  const planRun = {
    targetVersion: target,
    correlationId: ids.correlation_id,
    releaseCandidateId: ids.release_candidate_id,
    isWayBack,
    allowDowngrade: flags["allow-downgrade"],
    supersede: flags.supersede,
    resume: flags.resume,
    nowS: run.nowS,
  };
  const wait = { nowS: run.nowS, mode: mode.wait };
  const planChecks = [
    ...judgePlan(store, plan, policy, planRun, mode.plan),
    ...(back === undefined ? [] : [back.check]),
    ...overrideChecks(flags, applying),
  ];
  const applyChecks = [...gates.checks, observationCheck(store, plan, policy, wait)];
  const required = applyChecks.filter((check) => {
    const gate = gates.evidence.find(({ id }) => check.id === `gate::${id}`);
    return gate?.required !== false;
  });
  const applyReady = [...planChecks, ...required].every((check) => check.ok);
  return { plan, planChecks, applyChecks, evidence: gates.evidence, applyReady };
}
