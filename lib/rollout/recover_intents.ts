import { commitIntent, isCommitted } from "./commit_intent.ts";
import { compensateIntent, describeObservation, shows } from "./compensate_intent.ts";
import { FINAL_STATES, type Intent } from "./intent.ts";
import { resumeWayBack } from "./order_traffic.ts";
import { isWayBack } from "./rollout_plan.ts";
import type { RolloutPorts } from "./rollout_ports.ts";
import { journalStep, settleIntent } from "./settle_intent.ts";

/**
 * Which way to end an intent whose traffic nobody can observe: `auto` asks for a person, `forward`
 * and `back` are that person's word.
 */
export type RecoverMode = "auto" | "forward" | "back";

/** Journal says how far it got; for these states the adapter's success is on disk. */
const SUCCEEDED: readonly Intent["state"][] = ["TRAFFIC_DONE", "VERIFIED"];

async function forward(ports: RolloutPorts, intent: Intent, detail: string): Promise<Intent> {
  const verified = intent.state === "VERIFIED"
    ? intent
    : await journalStep(ports, intent, "VERIFIED", detail);
  return await commitIntent(ports, verified);
}

/** Without eyes: the journal's word, the operator's word, or nobody's. */
async function decideBlind(
  ports: RolloutPorts,
  intent: Intent,
  mode: RecoverMode,
  reason: string,
): Promise<Intent> {
  const believed = !ports.traffic.observes && SUCCEEDED.includes(intent.state);
  if (mode === "forward" || (mode === "auto" && believed)) {
    return await forward(ports, intent, mode === "forward" ? "operator: forward" : "believed");
  }
  if (mode === "back") {
    const uncompensated = !ports.traffic.compensates;
    return await compensateIntent(ports, intent, "operator: back", { believed: uncompensated });
  }
  if (intent.state === "NEEDS_OPERATOR") return intent;
  return await journalStep(ports, intent, "NEEDS_OPERATOR", reason);
}

/** Traffic may or may not have moved: looks, and goes the way that makes everything agree. */
async function decide(ports: RolloutPorts, intent: Intent, mode: RecoverMode): Promise<Intent> {
  const { store, sha256 } = await ports.registry.read();
  if (isCommitted(store, intent)) return await forward(ports, intent, "found in the registry");
  if (sha256 !== intent.registry_sha256_before) {
    const conflict = intent.state === "VERIFIED"
      ? await journalStep(ports, intent, "COMMIT_CONFLICT", "registry changed meanwhile")
      : intent;
    return await compensateIntent(ports, conflict, "registry_changed_meanwhile");
  }
  if (!ports.traffic.observes) return await decideBlind(ports, intent, mode, "adapter is blind");
  const seen = await ports.traffic.observe(intent.after);
  if (seen.state === "blind") return await decideBlind(ports, intent, mode, seen.reason);
  if (mode !== "back" && shows(seen, intent.after, intent.fence)) {
    return await forward(ports, intent, describeObservation(seen));
  }
  const found = `recovered: ${describeObservation(seen)}`;
  return mode !== "back" && isWayBack(intent.plan)
    ? await resumeWayBack(ports, intent, found)
    : await compensateIntent(ports, intent, found);
}

/**
 * Brings one pending intent to an end.
 *
 * The command of the dead run is ended first: only then does an observation mean anything.
 */
async function recoverIntent(
  ports: RolloutPorts,
  intent: Intent,
  mode: RecoverMode,
): Promise<Intent> {
  if (intent.process !== null) await ports.traffic.end(intent.process);
  if (FINAL_STATES.includes(intent.state)) return intent;
  switch (intent.state) {
    case "PREPARED":
      return await journalStep(ports, intent, "ABORTED", "traffic was not started", {
        outcome_reason: "interrupted_before_traffic",
      });
    case "VERIFY_FAILED":
      return isWayBack(intent.plan)
        ? await decide(ports, intent, mode)
        : await compensateIntent(ports, intent, "recovered");
    case "COMMIT_CONFLICT":
    case "COMPENSATING":
      return await compensateIntent(ports, intent, "recovered");
    default:
      return await decide(ports, intent, mode);
  }
}

/**
 * Ends everything earlier runs left pending, oldest first. Runs at every start, before planning.
 *
 * @returns The intents as they stand now; those still pending need a person.
 */
export async function recoverIntents(ports: RolloutPorts, mode: RecoverMode): Promise<Intent[]> {
  const recovered: Intent[] = [];
  for (const intent of await ports.journal.pending()) {
    const ended = await recoverIntent(ports, intent, mode);
    recovered.push(await settleIntent(ports, ended, { recovered: true }));
  }
  return recovered;
}
