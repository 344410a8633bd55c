import { applyPlan } from "./apply_plan.ts";
import { type Channels, RevisionConflictError } from "./channels.ts";
import { compensateIntent } from "./compensate_intent.ts";
import type { Intent } from "./intent.ts";
import { isWayBack } from "./rollout_plan.ts";
import type { RolloutPorts } from "./rollout_ports.ts";
import { journalStep } from "./settle_intent.ts";

/** Whether the registry holds the row of this intent already. */
export function isCommitted(store: Channels, intent: Intent): boolean {
  return store.history.some((row) => row.intent_id === intent.intent_id);
}

function changeOf(intent: Intent, nowMs: number): (store: Channels) => Channels {
  const { actor, reason, correlation_id, release_candidate_id, intent_id } = intent;
  const { audit_entry_hash } = intent;
  const extra = { correlation_id, release_candidate_id, intent_id, audit_entry_hash };
  return (store) => applyPlan(store, intent.plan, { actor, reason, nowS: nowMs / 1000, extra });
}

async function committed(ports: RolloutPorts, intent: Intent, detail: string): Promise<Intent> {
  return await journalStep(ports, intent, "COMMITTED", detail, { outcome_reason: "" });
}

/**
 * Writes a verified intent to the registry, once: a row with its id already there means an earlier
 * try got that far. A registry that somebody else changed meanwhile wins; traffic then goes where
 * that registry says. A way back that cannot be written stays pending: traffic is where it is safe.
 *
 * @param intent In state `VERIFIED`.
 * @returns In state `COMMITTED`, `COMPENSATED` or `NEEDS_OPERATOR`.
 */
export async function commitIntent(ports: RolloutPorts, intent: Intent): Promise<Intent> {
  const expect = { revision: intent.generation_before, sha256: intent.registry_sha256_before };
  try {
    await ports.registry.commit(expect, changeOf(intent, ports.nowMs()));
  } catch (error) {
    const { store } = await ports.registry.read();
    if (isCommitted(store, intent)) {
      return await committed(ports, intent, "found in the registry");
    }
    const why = (error as Error).message;
    if (!(error instanceof RevisionConflictError) && isWayBack(intent.plan)) {
      const outcome_reason = `commit_failed: ${why}`;
      return await journalStep(ports, intent, "NEEDS_OPERATOR", outcome_reason, { outcome_reason });
    }
    if (!(error instanceof RevisionConflictError)) {
      return await compensateIntent(ports, intent, `commit_failed: ${why}`);
    }
    const conflict = await journalStep(ports, intent, "COMMIT_CONFLICT", why);
    return await compensateIntent(ports, conflict, "registry_changed_meanwhile");
  }
  return await committed(ports, intent, "registry replaced");
}
