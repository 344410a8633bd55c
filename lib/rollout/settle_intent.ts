import { advanceIntent, FINAL_STATES, type Intent } from "./intent.ts";
import type { AuditRecord, RolloutPorts } from "./rollout_ports.ts";

/** Audit action of an intent about to be carried out. */
export const INTENT_ACTION = "rollout_intent";
/** Audit action of an outcome reached by the run that began it. */
export const EXECUTE_ACTION = "release_rollout_execute";
/** Audit action of an outcome reached by a later start. */
export const RECOVER_ACTION = "rollout_recovered";
/** Audit action of an intent that could not be brought to an end. */
export const OPERATOR_ACTION = "rollout_needs_operator";

/** The audit record of an intent, with everything needed to redo the decision. */
function auditRecord(intent: Intent, action: string, status: AuditRecord["status"]): AuditRecord {
  const { plan } = intent;
  return {
    action,
    actor: intent.actor,
    status,
    context: {
      intent_id: intent.intent_id,
      state: intent.state,
      plan_action: plan.action,
      target_version: plan.target_version,
      generation_before: intent.generation_before,
      before: intent.before,
      after: intent.after,
      adapter_id: intent.adapter.id,
      fence: intent.fence,
      reason: intent.reason,
      reverted: intent.state === "COMPENSATED",
      outcome_reason: intent.outcome_reason,
    },
    correlation: {
      correlation_id: intent.correlation_id,
      release_candidate_id: intent.release_candidate_id,
    },
  };
}

/** Appends a record unless one with these actions is there already: a crash may have come between. */
async function recordOnce(
  ports: RolloutPorts,
  intent: Intent,
  actions: readonly [string, ...string[]],
  status: AuditRecord["status"],
): Promise<string> {
  if (await ports.audit.has(intent.intent_id, actions)) return "";
  return await ports.audit.append(auditRecord(intent, actions[0], status));
}

/** Announces an intent in the audit log, before traffic is touched; returns the entry's hash. */
export async function recordIntent(ports: RolloutPorts, intent: Intent): Promise<string> {
  return await recordOnce(ports, intent, [INTENT_ACTION], "ok");
}

/**
 * Puts an outcome on record: the audit log first, the journal's mark after it, so that a crash in
 * between is seen and the record is not repeated.
 *
 * @param recovered Whether a later start, not the run that began it, reached the outcome.
 */
export async function settleIntent(
  ports: RolloutPorts,
  intent: Intent,
  { recovered }: { recovered: boolean },
): Promise<Intent> {
  const status = intent.state === "COMMITTED" ? "ok" : "failed";
  if (!FINAL_STATES.includes(intent.state)) {
    await recordOnce(ports, intent, [OPERATOR_ACTION], "failed");
    return intent;
  }
  const actions: [string, string] = recovered
    ? [RECOVER_ACTION, EXECUTE_ACTION]
    : [EXECUTE_ACTION, RECOVER_ACTION];
  await recordOnce(ports, intent, actions, status);
  const settled = { ...intent, recorded: true, process: null };
  await ports.journal.replace(settled);
  return settled;
}

/** Moves an intent one state further and puts that on disk before returning. */
export async function journalStep(
  ports: RolloutPorts,
  intent: Intent,
  to: Intent["state"],
  detail: string,
  fields: Partial<Pick<Intent, "fence" | "process" | "outcome_reason" | "audit_entry_hash">> = {},
): Promise<Intent> {
  const next = advanceIntent(intent, to, { nowMs: ports.nowMs(), detail, ...fields });
  await ports.journal.replace(next);
  return next;
}
