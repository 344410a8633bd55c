import type { Outcome } from "../command/command.ts";
import { EXIT } from "../command/errors.ts";
import { ReleaseRolloutPolicy } from "../policy/release_rollout_policy.ts";
import { type Check, notApplicable } from "../report/check.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import { judgeAutoAbort } from "./auto_abort.ts";
import type { ReadChannels } from "./channels.ts";
import { type ExecutorContext, readRegistry, RECOVER_HINT, soundCheck } from "./executor_inputs.ts";
import { goalOf, type JudgedPlan, judgedPlan, rolloutIds } from "./executor_plan.ts";
import { reportFields, type RunFacts } from "./executor_report.ts";
import { type ExecutorTraffic, executorTraffic } from "./executor_traffic.ts";
import { fileAudit, fileRegistry, NO_AUDIT } from "./file_ports.ts";
import { newIntentId } from "./intent.ts";
import { fileJournal } from "./intent_journal.ts";
import type { IntentOrigin } from "./prepare_intent.ts";
import { observeDrift } from "./reconcile_traffic.ts";
import type { PlanGoal } from "./rollout_plan.ts";
import type { RolloutPorts } from "./rollout_ports.ts";
import { EXECUTE_ACTION } from "./settle_intent.ts";

/** How long the registry and the audit log may be held by others, milliseconds. */
const LOCK_WAIT_MS = 15_000;

/** One run, with all that it found out so far. */
export class ExecutorSession {
  readonly checks: Check[] = [];
  readonly facts: RunFacts;
  readonly receipts: Record<string, unknown>[] = [];
  policy: ReleaseRolloutPolicy | undefined;
  traffic: ExecutorTraffic | undefined;
  read: ReadChannels | undefined;
  goal: PlanGoal;
  #commit = "";

  constructor(readonly run: ExecutorContext, target: string) {
    const { flags, nowS, correlation } = run;
    const given = {
      correlation: flags["correlation-id"],
      candidate: flags["release-candidate-id"],
    };
    const runApply = flags.apply && !flags["dry-run"];
    this.goal = goalOf(flags, false);
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
    if (flags["auto-abort"] && this.goal === "advance") {
      const limits = { nowS: run.nowS, maxAgeS: flags["auto-abort-max-age-s"] };
      const { abort, check } = await judgeAutoAbort(inputs, registry.read.store, limits);
      this.checks.push(check);
      this.goal = goalOf(flags, abort);
    }
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

  /**
   * Whether what is served is what the registry says. Runs the observe command only.
   *
   * It blocks a step forward, never the way back: traffic that is not where it should be, or
   * cannot be seen, is a reason to abort, and what an abort did is verified afterwards.
   */
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
      mode: this.goal === "advance" ? "enforce" : "warn",
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
      goal: this.goal,
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
    const uncertain = facts.outcome === "uncertain";
    if (uncertain) this.checks.push(intentSettled(facts));
    return {
      checks: this.checks,
      headline,
      fields: reportFields(facts),
      ...(uncertain ? { exit: EXIT.internal } : {}),
    };
  }
}

function intentSettled({ intent, pending }: RunFacts): Check {
  const id = intent?.intent_id ?? pending[0]?.intent_id ?? "";
  return {
    id: "intent_settled",
    ok: false,
    mode: "enforce",
    value: `nobody can tell where traffic is after intent "${id}"`,
    expect: "every intent is committed or taken back",
    hint: "look at the controller, then run --recover with --recover-mode forward or back",
  };
}
