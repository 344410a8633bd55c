import type { Intent } from "./intent.ts";
import { orderTraffic } from "./order_traffic.ts";
import type { RolloutPorts } from "./rollout_ports.ts";
import { journalStep, recordIntent, settleIntent } from "./settle_intent.ts";

/**
 * Carries out one prepared intent. Each step is on disk before the next is taken:
 * journal, audit, mark, traffic, readback, mark, registry, mark, audit, mark.
 *
 * A failure of the journal or the audit log is thrown; what was begun is then found pending and is
 * brought to an end by the next start (`recoverIntents`).
 *
 * @param prepared In state `PREPARED`, not yet journalled.
 * @returns In state `COMMITTED`, `COMPENSATED`, or `NEEDS_OPERATOR` and pending.
 */
export async function executeIntent(ports: RolloutPorts, prepared: Intent): Promise<Intent> {
  await ports.journal.create(prepared);
  const audit_entry_hash = await recordIntent(ports, prepared);
  const started = await journalStep(ports, prepared, "TRAFFIC_STARTED", ports.traffic.id, {
    audit_entry_hash,
  });
  const ended = await orderTraffic(ports, started);
  return await settleIntent(ports, ended, { recovered: false });
}
