import type { Channels } from "./channels.ts";
import type { JudgedPlan, RolloutIds } from "./executor_plan.ts";
import type { ExecutorTraffic } from "./executor_traffic.ts";
import type { Intent } from "./intent.ts";
import type { Drift } from "./reconcile_traffic.ts";

/** How a run of the executor ended, in one word. */
export type ExecutorOutcome =
  | "planned"
  | "noop"
  | "blocked"
  | "recovered"
  | "committed"
  | "compensated"
  | "conflict"
  | "uncertain";

/** The outcome of an intent. */
export function outcomeOf(intent: Intent): ExecutorOutcome {
  if (intent.state === "COMMITTED") return "committed";
  if (intent.state !== "COMPENSATED") return "uncertain";
  return intent.outcome_reason === "registry_changed_meanwhile" ? "conflict" : "compensated";
}

/** The traffic command in the report, in the documented form. */
function trafficResult({ rows, template, present }: ExecutorTraffic): Record<string, unknown> {
  const row = rows.findLast(({ verb }) => verb === "apply");
  if (row === undefined) {
    const reason = present ? "not_required" : "optional_command_missing";
    return {
      executed: false,
      ok: !present,
      reason,
      command_template: template,
      command_rendered: "",
      command_argv: [],
      return_code: -1,
      stdout: "",
      stderr: "",
    };
  }
  const { verb: _verb, ...rest } = row;
  return { ...rest, command_template: template, command_rendered: row.command_argv.join(" ") };
}

/** Facts of a run, as far as it got. */
export interface RunFacts {
  outcome: ExecutorOutcome;
  targetVersion: string;
  channelsFile: string;
  policyFile: string;
  ids: RolloutIds;
  runId: string;
  dryRun: boolean;
  runApply: boolean;
  /** The registry before anything was done; undefined if it could not be read. */
  store?: Channels | undefined;
  judged?: JudgedPlan | undefined;
  traffic?: ExecutorTraffic | undefined;
  drift?: Drift | undefined;
  intent?: Intent | undefined;
  recovered: Intent[];
  pending: Intent[];
  stages?: { canary: number[]; stable: number[]; min_stage_observe_s: number } | undefined;
  audit: Record<string, unknown>;
}

function applyResult(facts: RunFacts): Record<string, unknown> {
  const { judged, intent, ids, dryRun, runApply, outcome } = facts;
  const plan = judged?.plan;
  const common = {
    applied: intent?.state === "COMMITTED",
    action: plan?.action ?? "noop",
    blocked: outcome === "blocked" || (intent !== undefined && intent.state !== "COMMITTED"),
    dry_run: dryRun,
    ...ids,
  };
  if (intent === undefined) return runApply ? common : { ...common, reason: "planning_only_run" };
  return {
    ...common,
    target_version: plan?.target_version,
    rollout_percent: plan?.rollout_percent,
    from_version: plan?.from_version,
    from_rollout_percent: plan?.from_rollout_percent,
    reason: intent.outcome_reason === "" ? intent.reason : intent.outcome_reason,
    reverted: intent.state === "COMPENSATED",
    intent_id: intent.intent_id,
    intent_state: intent.state,
    traffic_apply: facts.traffic === undefined ? null : trafficResult(facts.traffic),
  };
}

/** What the report says of an intent that is over or still pending. */
function intentRow(intent: Intent): Record<string, unknown> {
  const { intent_id, state, plan, before, after, outcome_reason, transitions } = intent;
  return { intent_id, state, action: plan.action, before, after, outcome_reason, transitions };
}

/** The executor's own fields of its report. */
export function reportFields(facts: RunFacts): Record<string, unknown> {
  const { canary, stable } = facts.store?.channels ?? {};
  return {
    outcome: facts.outcome,
    changed: facts.intent?.state === "COMMITTED" ||
      facts.recovered.some(({ state }) => state === "COMMITTED"),
    dry_run: facts.dryRun,
    run_apply: facts.runApply,
    target_version: facts.targetVersion,
    channels_file: facts.channelsFile,
    policy_file: facts.policyFile,
    correlation: { ...facts.ids, run_id: facts.runId },
    state: {
      canary_version: canary?.version ?? "",
      stable_version: stable?.version ?? "",
      canary_rollout_percent: canary?.rollout_percent ?? 0,
      stable_rollout_percent: stable?.rollout_percent ?? 0,
      history_entries: facts.store?.history.length ?? 0,
      revision: facts.store?.revision ?? 0,
    },
    stages: facts.stages ?? null,
    plan: facts.judged?.plan ?? { action: "noop", reason: "not_planned" },
    apply_ready: facts.judged?.applyReady ?? false,
    apply_result: applyResult(facts),
    gate_evidence: facts.judged?.evidence ?? [],
    traffic: {
      adapter_id: facts.traffic?.port.id ?? "none",
      template_sha256: facts.traffic?.templateSha256 ?? "",
      commands: facts.traffic?.rows ?? [],
      counted: facts.traffic?.counts ?? [],
      drift: facts.drift ?? null,
    },
    recovered_intents: facts.recovered.map(intentRow),
    pending_intents: facts.pending.map(intentRow),
    audit: facts.audit,
  };
}
