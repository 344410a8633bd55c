import type { Outcome } from "../command/command.ts";
import { NotReadyError } from "../command/errors.ts";
import { type Check, notApplicable } from "../report/check.ts";
import { LockBusyError, withLock } from "../store/lock.ts";
import { executeIntent } from "./execute_intent.ts";
import { outcomeOf, reportFields } from "./executor_report.ts";
import {
  type ExecutorContext,
  pendingCheck,
  RECOVER_HINT,
  targetVersion,
} from "./executor_inputs.ts";
import { ExecutorSession } from "./executor_session.ts";
import { executorLock } from "./file_ports.ts";
import { type Intent, isPending } from "./intent.ts";
import { prepareIntent } from "./prepare_intent.ts";
import { reconcileTraffic } from "./reconcile_traffic.ts";
import { recoverIntents } from "./recover_intents.ts";

async function dryRun(session: ExecutorSession): Promise<Outcome> {
  const { run, facts } = session;
  const loaded = await session.load();
  const { check, pending } = await pendingCheck(run.root);
  session.checks.push(check);
  facts.pending = pending;
  if (!loaded) {
    facts.outcome = "blocked";
    return await session.finish("nothing can be planned");
  }
  await session.look();
  const { plan, applyReady } = await session.plan(false);
  if (session.blocked) facts.outcome = "blocked";
  else if (plan.action === "noop") facts.outcome = "noop";
  const percent = plan.rollout_percent === undefined ? "" : ` to ${plan.rollout_percent} percent`;
  const ready = plan.action === "noop" ? "" : applyReady ? ", ready to apply" : ", not ready yet";
  const left = pending.length === 0 ? "" : `; ${pending.length} earlier change(s) pending`;
  return await session.finish(
    `next: ${plan.action}${percent} for ${plan.target_version || "no version"}${ready}${left}`,
  );
}

/** Ends what is pending. False if something stays. */
async function recover(session: ExecutorSession): Promise<boolean> {
  const { run, facts } = session;
  const before = await pendingCheck(run.root);
  if (before.pending.length === 0 && !before.check.ok) {
    session.checks.push(before.check); // the journal cannot be read
    return false;
  }
  facts.recovered = await recoverIntents(session.ports, run.flags["recover-mode"]);
  const after = await pendingCheck(run.root);
  facts.pending = after.pending;
  session.checks.push(after.check);
  session.read = await session.ports.registry.read();
  return after.pending.length === 0;
}

async function applyStage(session: ExecutorSession): Promise<Outcome> {
  const { facts, traffic, read } = session;
  const { plan } = await session.plan(true);
  const notBlocked: Check = {
    id: "rollout_apply_not_blocked",
    ok: !session.blocked,
    mode: "enforce",
    value: session.checks.filter((check) => !check.ok && check.mode === "enforce").map(({ id }) =>
      id
    ),
    expect: "nothing stands in the way",
    hint: "clear the rows above",
  };
  session.checks.push(notBlocked);
  if (!notBlocked.ok) {
    facts.outcome = "blocked";
    return await session.finish(`not applied: ${plan.action} is blocked`);
  }
  if (plan.action === "noop") {
    facts.outcome = "noop";
    return await session.finish(`nothing to do: ${plan.reason}`);
  }
  if (read === undefined || traffic === undefined) throw new TypeError("Cannot apply: not loaded");
  const seen = facts.drift?.seen;
  const observedFence = seen?.state === "observed" ? seen.fence ?? 0 : 0;
  const prepared = await prepareIntent(session.ports, read, plan, session.origin, {
    observedFence,
  });
  return await carryOut(session, prepared);
}

async function carryOut(session: ExecutorSession, prepared: Intent): Promise<Outcome> {
  const { facts } = session;
  const { action, rollout_percent: percent, target_version: version } = prepared.plan;
  let intent: Intent;
  try {
    intent = await executeIntent(session.ports, prepared);
  } catch (error) {
    facts.outcome = "uncertain";
    facts.pending = (await pendingCheck(session.run.root)).pending;
    session.checks.push({
      id: "rollout_state_durable",
      ok: false,
      mode: "enforce",
      value: (error as Error).message,
      expect: "journal and audit log take every step",
      hint: RECOVER_HINT,
    });
    return await session.finish(`stopped: ${(error as Error).message}`);
  }
  facts.intent = intent;
  facts.outcome = outcomeOf(intent);
  facts.pending = isPending(intent) ? [intent] : [];
  session.checks.push(...intentChecks(session, intent));
  const where = percent === undefined ? "" : ` at ${percent} percent`;
  return await session.finish(
    intent.state === "COMMITTED"
      ? `committed: ${action} ${version}${where}`
      : `${facts.outcome}: ${action} ${version}${where} was not committed: ${intent.outcome_reason}`,
  );
}

function intentChecks({ traffic }: ExecutorSession, intent: Intent): Check[] {
  const row = traffic?.rows.findLast(({ verb }) => verb === "apply");
  const counted = traffic?.counts.at(-1);
  const expect = "exit code 0 within the time limit";
  return [
    row === undefined ? notApplicable("traffic_apply_command_ok", expect, "no command was run") : {
      id: "traffic_apply_command_ok",
      ok: row.ok,
      mode: "enforce",
      value: { reason: row.reason, stderr: row.stderr.slice(-400) },
      expect,
      hint: "see traffic.commands in the report",
    },
    ...(counted === undefined ? [] : [{
      id: "counted_split_agrees",
      ok: counted.verdict === "agrees",
      mode: "enforce" as const,
      value: counted,
      expect: `${counted.wanted * 100} % of responses from ${counted.version}`,
      hint: "see whether the controller routes as it is configured",
    }]),
    {
      id: "rollout_intent_committed",
      ok: intent.state === "COMMITTED",
      mode: "enforce",
      value: { state: intent.state, reason: intent.outcome_reason },
      expect: "COMMITTED",
      hint: intent.state === "COMPENSATED"
        ? "traffic is back where the registry says; find the cause, then apply again"
        : RECOVER_HINT,
    },
  ];
}

async function applyRun(session: ExecutorSession): Promise<Outcome> {
  const { run, facts } = session;
  if (!await session.load()) {
    facts.outcome = "blocked";
    return await session.finish("not applied: registry or policy cannot be used");
  }
  await run.checkpoint({
    checks: [...session.checks],
    headline: "begun, not ended",
    fields: reportFields(facts),
  });
  if (!await recover(session)) {
    facts.outcome = "uncertain";
    return await session.finish("not applied: an earlier change is still pending");
  }
  if (run.flags.recover && session.traffic?.port.observes === true) {
    const reconciled = await reconcileTraffic(session.ports, session.origin);
    if (reconciled !== undefined) facts.recovered.push(reconciled);
  }
  await session.look();
  if (facts.runApply) return await applyStage(session);
  facts.outcome = session.blocked ? "uncertain" : "recovered";
  const ended = facts.recovered.map(({ plan, state }) => `${plan.action} ${state}`).join(", ");
  return await session.finish(`recovered: ${ended === "" ? "nothing was pending" : ended}`);
}

/**
 * Plans one stage, or carries it out. Recovery of what earlier runs left comes first whenever
 * anything may be changed; a dry run only says that something is left.
 *
 * @throws {NotReadyError} If another executor is at work.
 */
export async function executeRollout(run: ExecutorContext): Promise<Outcome> {
  const session = new ExecutorSession(run, await targetVersion(run));
  const { flags } = run;
  const changes = !flags["dry-run"] && (flags.apply || flags.recover);
  if (!changes) return await dryRun(session);
  const lock = { waitMs: 0, purpose: `release_rollout_executor by ${flags.actor}` };
  try {
    return await withLock(executorLock(run.root), lock, () => applyRun(session));
  } catch (error) {
    if (!(error instanceof LockBusyError) || error.path !== executorLock(run.root)) throw error;
    const hint = "wait for it to end; it holds the lock until its change is on record";
    throw new NotReadyError(`Another executor is at work: ${error.holder}`, hint, { cause: error });
  }
}
