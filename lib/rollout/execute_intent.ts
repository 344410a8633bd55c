import { commitIntent } from "./commit_intent.ts";
import { compensateIntent, describeObservation, shows } from "./compensate_intent.ts";
import type { Intent } from "./intent.ts";
import type { RolloutPorts, TrafficResult } from "./rollout_ports.ts";
import { journalStep, recordIntent, settleIntent } from "./settle_intent.ts";

/** Reads back what the adapter says it did. Without readback its word stands. */
async function verify(ports: RolloutPorts, done: Intent): Promise<Intent> {
  if (!ports.traffic.observes) {
    return await journalStep(ports, done, "VERIFIED", "believed: adapter reports success");
  }
  const seen = await ports.traffic.observe(done.after);
  const state = shows(seen, done.after, done.fence) ? "VERIFIED" : "VERIFY_FAILED";
  return await journalStep(ports, done, state, describeObservation(seen));
}

async function afterTraffic(
  ports: RolloutPorts,
  started: Intent,
  result: TrafficResult,
): Promise<Intent> {
  if (result.outcome === "refused") {
    const believed = !ports.traffic.observes;
    return await compensateIntent(ports, started, result.reason, { believed });
  }
  if (result.outcome === "unknown") {
    const unknown = await journalStep(ports, started, "TRAFFIC_UNKNOWN", result.reason);
    return await compensateIntent(ports, unknown, result.reason);
  }
  const done = await journalStep(ports, started, "TRAFFIC_DONE", result.reason);
  const verified = await verify(ports, done);
  if (verified.state === "VERIFIED") return await commitIntent(ports, verified);
  const last = verified.transitions.at(-1)?.detail ?? "";
  return await compensateIntent(ports, verified, `verify_failed: ${last}`);
}

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
  const result = await ports.traffic.apply({
    intent: started,
    want: started.after,
    from: started.before,
    fence: started.fence,
    onStart: async (process) => await ports.journal.replace({ ...started, process }),
  });
  const ended = await afterTraffic(ports, started, result);
  return await settleIntent(ports, ended, { recovered: false });
}
