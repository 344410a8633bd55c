import type { Context, Outcome } from "../command/command.ts";
import { IoError } from "../command/errors.ts";
import { readCodeVersions, sourceFromFlag } from "../governance/versions.ts";
import { ReleasePolicy } from "../policy/release_policy.ts";
import { ReleaseRolloutPolicy } from "../policy/release_rollout_policy.ts";
import { type Check, notApplicable } from "../report/check.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import { ChannelsError, type ReadChannels, readChannelsWithDigest } from "./channels.ts";
import type { EXECUTOR_FLAGS } from "./executor_flags.ts";
import { type JudgedPlan, judgedPlan, rolloutIds } from "./executor_plan.ts";
import { reportFields, type RunFacts } from "./executor_report.ts";
import { type ExecutorTraffic, executorTraffic } from "./executor_traffic.ts";
import { fileAudit, fileRegistry, NO_AUDIT } from "./file_ports.ts";
import { type Intent, isPending, newIntentId } from "./intent.ts";
import { fileJournal, IntentJournalError, readIntents } from "./intent_journal.ts";
import { judgeChannels } from "./judge_channels.ts";
import type { IntentOrigin } from "./prepare_intent.ts";
import { observeDrift } from "./reconcile_traffic.ts";
import type { RolloutPorts } from "./rollout_ports.ts";
import { EXECUTE_ACTION } from "./settle_intent.ts";

/** What the executor is run with. */
export type ExecutorContext = Context<typeof EXECUTOR_FLAGS, undefined>;

/** How long the registry and the audit log may be held by others, milliseconds. */
const LOCK_WAIT_MS = 15_000;

/** What to do when something is left over. */
export const RECOVER_HINT = "run deno task release_rollout_executor --recover";

/** The version to roll out: the flag's, or the one the code states. */
export async function targetVersion({ flags, root, inputs }: ExecutorContext): Promise<string> {
  const given = flags["target-version"];
  if (given !== undefined) return given;
  const policy = await inputs.json("security/release_policy.json", ReleasePolicy);
  const source = flags["init-file"] === undefined ? undefined : sourceFromFlag(flags["init-file"]);
  const policyValue = policy.state === "ok" ? policy.value : undefined;
  return (await readCodeVersions(root, policyValue, source === undefined ? [] : [source]))
    .appVersion;
}

/** The registry as a check; reading it never changes it. */
async function readRegistry(
  run: ExecutorContext,
): Promise<{ check: Check; read: ReadChannels | undefined }> {
  const file = run.flags["channels-file"];
  const common = {
    id: "channels_store_loaded",
    mode: "enforce" as const,
    expect: "a registry that is there and keeps to its schema",
    location: { file },
  };
  try {
    const read = await readChannelsWithDigest(run.inputs.absolute(file));
    run.inputs.note(file, "ok", read.sha256);
    return { check: { ...common, ok: true, value: "ok" }, read };
  } catch (error) {
    if (!(error instanceof ChannelsError)) throw error;
    run.inputs.note(file, error.state);
    const hint = error.state === "missing"
      ? "create it with: release_channel_control set --init"
      : `mend ${file} by hand or restore it from git; nothing was written`;
    return { check: { ...common, ok: false, value: error.message, hint }, read: undefined };
  }
}

/** A registry whose canary or stable makes no sense stands for no traffic at all. */
function soundCheck({ store }: ReadChannels, file: string): Check {
  const unsound = judgeChannels(store, { strictMode: "warn" })
    .filter(({ ok, mode }) => !ok && mode === "enforce").map(({ id }) => id);
  return {
    id: "channels_sound",
    ok: unsound.length === 0,
    mode: "enforce",
    value: unsound,
    expect: "canary and stable with SemVer versions and integer percents 0..100",
    hint: "see what is wrong with: release_channel_control validate",
    location: { file },
  };
}

/** What earlier runs left. A journal that cannot be read blocks like a pending intent. */
export async function pendingCheck(root: string): Promise<{ check: Check; pending: Intent[] }> {
  const common = { id: "no_pending_intent", mode: "enforce" as const, expect: "none pending" };
  try {
    const intents = await readIntents(root);
    const pending = intents.filter(isPending);
    const value = {
      examined: intents.length,
      pending: pending.map(({ intent_id, state, plan }) => ({
        intent_id,
        state,
        action: plan.action,
      })),
    };
    return { check: { ...common, ok: pending.length === 0, value, hint: RECOVER_HINT }, pending };
  } catch (error) {
    if (!(error instanceof IntentJournalError)) throw error;
    const hint = "mend or restore the file; it says what an earlier run was doing";
    return { check: { ...common, ok: false, value: error.message, hint }, pending: [] };
  }
}

/** One run, with all that it found out so far. */
export class ExecutorSession {
  readonly checks: Check[] = [];
  readonly facts: RunFacts;
  readonly receipts: Record<string, unknown>[] = [];
  policy: ReleaseRolloutPolicy | undefined;
  traffic: ExecutorTraffic | undefined;
  read: ReadChannels | undefined;
  #commit = "";

  constructor(readonly run: ExecutorContext, target: string) {
    const { flags, nowS, correlation } = run;
    const given = {
      correlation: flags["correlation-id"],
      candidate: flags["release-candidate-id"],
    };
    const runApply = flags.apply && !flags["dry-run"];
    this.facts = {
      outcome: "planned",
      targetVersion: target,
      channelsFile: flags["channels-file"],
      policyFile: flags.policy,
      ids: rolloutIds(given, target, nowS),
      runId: correlation.run_id,
      dryRun: flags["dry-run"],
      runApply,
      recovered: [],
      pending: [],
      audit: { ok: true, skipped: flags["skip-audit-log"] },
    };
  }

  /** Loads what every run needs. False if it cannot go on without. */
  async load(): Promise<boolean> {
    const { run } = this;
    const { flags, inputs } = run;
    const policy = await inputs.json(flags.policy, ReleaseRolloutPolicy);
    const registry = await readRegistry(run);
    this.checks.push(registry.check, loadedCheck("rollout_policy_loaded", policy, "enforce"));
    this.read = registry.read;
    this.facts.store = registry.read?.store;
    if (registry.read !== undefined) {
      this.checks.push(soundCheck(registry.read, flags["channels-file"]));
    }
    if (policy.state !== "ok" || registry.read === undefined || this.blocked) return false;
    this.policy = policy.value;
    this.#commit = (await run.git()).commit;
    const { canary, stable, min_stage_observe_s } = policy.value.stages;
    this.facts.stages = { canary, stable, min_stage_observe_s };
    this.traffic = await executorTraffic(run, flags, policy.value);
    this.facts.traffic = this.traffic;
    return true;
  }

  get ports(): RolloutPorts {
    const { root, flags, inputs, correlation } = this.run;
    const path = inputs.absolute(flags["channels-file"]);
    const nowS = (): number => Date.now() / 1000;
    const audit = flags["skip-audit-log"] ? NO_AUDIT : fileAudit(root, {
      log: flags["audit-log"],
      stateFile: flags["audit-state-file"],
      runId: correlation.run_id,
      waitMs: LOCK_WAIT_MS,
      onReceipt: (receipt) => void this.receipts.push({ ...receipt }),
    });
    if (this.traffic === undefined) throw new TypeError("Cannot move traffic: nothing is loaded");
    return {
      registry: fileRegistry(root, path, { nowS, waitMs: LOCK_WAIT_MS }),
      journal: fileJournal(root),
      audit,
      traffic: this.traffic.port,
      nowMs: Date.now,
      newIntentId,
    };
  }

  get origin(): IntentOrigin {
    const { flags } = this.run;
    const overridden = flags["allow-gate-failures"]
      ? ` (gate failures allowed by ${flags.approver}, ${flags["incident-id"]})`
      : "";
    const reason = flags.reason ?? this.facts.judged?.plan.reason ?? "recover";
    return {
      actor: flags["audit-actor"] ?? flags.actor,
      reason: reason + overridden,
      ...this.facts.ids,
      commit: this.#commit,
      gate_evidence: (this.facts.judged?.evidence ?? [])
        .filter(({ report_exists }) => report_exists)
        .map(({ id, report_path, report_sha256 }) => ({
          id,
          path: report_path,
          sha256: report_sha256,
        })),
    };
  }

  /** Whether what is served is what the registry says. Runs the observe command only. */
  async look(): Promise<void> {
    const id = "traffic_matches_registry";
    const expect = "traffic is where the registry says";
    if (this.traffic?.port.observes !== true) {
      this.checks.push(notApplicable(id, expect, "no command reads traffic back"));
      return;
    }
    const drift = await observeDrift(this.ports);
    this.facts.drift = drift;
    this.checks.push({
      id,
      ok: drift.agrees === true,
      mode: "enforce",
      value: drift.detail,
      expect: `canary weight is ${drift.want.canary_weight}`,
      hint: drift.agrees === null ? "mend the observe command or the controller" : RECOVER_HINT,
    });
  }

  async plan(applying: boolean): Promise<JudgedPlan> {
    const { run, policy, read, facts, traffic } = this;
    if (policy === undefined || read === undefined || traffic === undefined) {
      throw new TypeError("Cannot plan: nothing is loaded");
    }
    const registryPath = run.inputs.absolute(run.flags["channels-file"]);
    const judged = await judgedPlan(run, run.flags, read.store, policy, {
      target: facts.targetVersion,
      ids: facts.ids,
      applying,
      registryPath,
    });
    facts.judged = judged;
    this.checks.push(...judged.planChecks, ...judged.applyChecks, ...traffic.checks);
    return judged;
  }

  get blocked(): boolean {
    return this.checks.some((check) => !check.ok && check.mode === "enforce");
  }

  /** The one audit record of a run that began no intent. */
  async recordRun(): Promise<void> {
    const { run, facts } = this;
    const { flags } = run;
    if (flags["skip-audit-log"] || facts.intent !== undefined) return;
    const record = {
      action: EXECUTE_ACTION,
      actor: flags["audit-actor"] ?? flags.actor,
      status: this.blocked ? "failed" as const : "ok" as const,
      context: {
        target_version: facts.targetVersion,
        plan_action: facts.judged?.plan.action ?? "noop",
        run_apply: facts.runApply,
        dry_run: !facts.runApply,
        strict: run.strict,
        report_ok: !this.blocked,
        apply_applied: false,
        apply_blocked: facts.outcome === "blocked",
        outcome: facts.outcome,
      },
      correlation: facts.ids,
    };
    const target = {
      log: flags["audit-log"],
      stateFile: flags["audit-state-file"],
      runId: facts.runId,
      waitMs: LOCK_WAIT_MS,
      onReceipt: (receipt: object) => void this.receipts.push({ ...receipt }),
    };
    try {
      await fileAudit(run.root, target).append(record);
    } catch (error) {
      facts.audit = { ok: false, error: (error as Error).message };
    }
  }

  /** Ends a run: the audit row, the headline, the report's fields. */
  async finish(headline: string): Promise<Outcome> {
    const { flags } = this.run;
    await this.recordRun();
    const { facts } = this;
    const audited = facts.audit.ok === true;
    const skipped = flags["skip-audit-log"];
    const expect = "this run is in the audit log";
    this.checks.push(
      skipped ? notApplicable("audit_chain_recorded", expect, "--skip-audit-log") : {
        id: "audit_chain_recorded",
        ok: audited,
        mode: flags["audit-strict"] ? "enforce" : "warn",
        value: audited ? this.receipts.length : facts.audit.error,
        expect,
        hint: "run deno task verify_audit_chain to see what is wrong with the log",
      },
    );
    facts.audit = { ...facts.audit, entries: this.receipts };
    const { outcome } = facts;
    return {
      checks: this.checks,
      headline,
      fields: reportFields(facts),
      ...(outcome === "uncertain" ? { after: () => Promise.reject(uncertain(facts)) } : {}),
    };
  }
}

function uncertain({ intent, pending }: RunFacts): IoError {
  const id = intent?.intent_id ?? pending[0]?.intent_id ?? "";
  return new IoError(
    `Cannot bring intent "${id}" to an end: nobody can tell where traffic is`,
    "look at the controller, then run --recover with --recover-mode forward or back",
  );
}
