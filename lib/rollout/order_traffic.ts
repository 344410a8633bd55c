import { commitIntent } from "./commit_intent.ts";
import { compensateIntent, describeObservation, shows } from "./compensate_intent.ts";
import type { Intent } from "./intent.ts";
import { isWayBack } from "./rollout_plan.ts";
import type { RolloutPorts } from "./rollout_ports.ts";
import { journalStep } from "./settle_intent.ts";

/** How often a way back is ordered in one run before a person is asked. */
const MOST_ORDERS = 3;

/** What came of one order: the intent in state `VERIFIED`, or short of it, and why. */
interface Tried {
  intent: Intent;
  why: string;
}

/** Reads back what the adapter says it did. Without readback its word stands. */
async function verify(ports: RolloutPorts, done: Intent): Promise<Tried> {
  if (!ports.traffic.observes) {
    const why = "believed: adapter reports success";
    return { intent: await journalStep(ports, done, "VERIFIED", why), why };
  }
  const seen = await ports.traffic.observe(done.after);
  const state = shows(seen, done.after, done.fence) ? "VERIFIED" : "VERIFY_FAILED";
  const detail = describeObservation(seen);
  return { intent: await journalStep(ports, done, state, detail), why: `verify_failed: ${detail}` };
}

async function orderOnce(ports: RolloutPorts, started: Intent): Promise<Tried> {
  const { outcome, reason } = await ports.traffic.apply({
    intent: started,
    want: started.after,
    from: started.before,
    fence: started.fence,
    onStart: async (process) => await ports.journal.replace({ ...started, process }),
  });
  if (outcome === "refused") return { intent: started, why: reason };
  if (outcome === "unknown") {
    return { intent: await journalStep(ports, started, "TRAFFIC_UNKNOWN", reason), why: reason };
  }
  return await verify(ports, await journalStep(ports, started, "TRAFFIC_DONE", reason));
}

/** The order once more, with a higher fencing token: the last one, however late, is then refused. */
async function orderAgain(ports: RolloutPorts, { intent, why }: Tried): Promise<Tried> {
  const fence = intent.fence + 1;
  return await orderOnce(
    ports,
    await journalStep(ports, intent, "TRAFFIC_STARTED", why, { fence }),
  );
}

/** Whether an adapter nobody can look behind has said, each time, that it changed nothing. */
function saysUnchanged(ports: RolloutPorts, { state, transitions }: Intent): boolean {
  return !ports.traffic.observes && state === "TRAFFIC_STARTED" &&
    !transitions.some((earlier) => earlier.state === "TRAFFIC_UNKNOWN");
}

async function endForward(ports: RolloutPorts, { intent, why }: Tried): Promise<Intent> {
  if (intent.state === "VERIFIED") return await commitIntent(ports, intent);
  return await compensateIntent(ports, intent, why, { believed: saysUnchanged(ports, intent) });
}

async function endWayBack(ports: RolloutPorts, first: Tried): Promise<Intent> {
  let tried = first;
  for (let orders = 1; tried.intent.state !== "VERIFIED" && orders < MOST_ORDERS; orders++) {
    tried = await orderAgain(ports, tried);
  }
  const { intent, why } = tried;
  if (intent.state === "VERIFIED" || saysUnchanged(ports, intent)) {
    return await endForward(ports, tried);
  }
  return await journalStep(ports, intent, "NEEDS_OPERATOR", why, { outcome_reason: why });
}

/**
 * Moves traffic to where the intent wants it, proves it, and commits.
 *
 * A step forward that is not seen to have worked is compensated: the share before was good. A way
 * back is ordered again instead, for the share before is the one to get away from; it ends committed
 * or pending, and is then ordered again at the next start if the adapter can read traffic back.
 *
 * @param started In state `TRAFFIC_STARTED`, on disk.
 * @returns In state `COMMITTED`, `COMPENSATED` or `NEEDS_OPERATOR`.
 */
export async function orderTraffic(ports: RolloutPorts, started: Intent): Promise<Intent> {
  const tried = await orderOnce(ports, started);
  return isWayBack(started.plan) ? await endWayBack(ports, tried) : await endForward(ports, tried);
}

/**
 * Orders a way back again that an earlier run left somewhere between its first order and its commit.
 *
 * @param why What was found instead.
 */
export async function resumeWayBack(
  ports: RolloutPorts,
  intent: Intent,
  why: string,
): Promise<Intent> {
  return await endWayBack(ports, await orderAgain(ports, { intent, why }));
}
