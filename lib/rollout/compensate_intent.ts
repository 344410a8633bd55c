import { ChannelsError, type ReadChannels } from "./channels.ts";
import type { Intent } from "./intent.ts";
import type { Observation, RolloutPorts, TrafficResult } from "./rollout_ports.ts";
import { journalStep } from "./settle_intent.ts";
import { splitOf, type TrafficSplit } from "./traffic_split.ts";

/** How often compensation is tried in one run before a person is asked. */
const MOST_ATTEMPTS = 3;

/**
 * Whether an observation shows the split, and counted responses, if any, do not contradict it.
 *
 * The right weights are not enough while an order is out: only when the controller has seen its
 * fencing token are all earlier orders, however late, sure to be refused.
 *
 * @param fence Token of the newest order sent; 0 when none was.
 */
export function shows(seen: Observation, want: TrafficSplit, fence: number): boolean {
  return seen.state === "observed" && seen.canaryWeight === want.canary_weight &&
    (seen.fence === null || seen.fence >= fence) && seen.counted?.agrees !== false;
}

/** What an observation says, for the journal. */
export function describeObservation(seen: Observation): string {
  if (seen.state === "blind") return `cannot observe: ${seen.reason}`;
  const counted = seen.counted === null ? "" : `, ${seen.counted.detail}`;
  const fence = seen.fence === null ? "" : `, fencing token is ${seen.fence}`;
  return `canary weight is ${seen.canaryWeight}${fence}${counted}`;
}

/** The registry is the truth to return to; if it cannot be read, nobody knows where to go. */
async function readTruth(ports: RolloutPorts): Promise<ReadChannels | string> {
  try {
    return await ports.registry.read();
  } catch (error) {
    if (error instanceof ChannelsError) return error.message;
    throw error;
  }
}

/** Whether traffic is known to be back. Without readback the adapter's word is what there is. */
async function isBack(
  ports: RolloutPorts,
  { fence }: Intent,
  want: TrafficSplit,
  result: TrafficResult,
): Promise<{ back: boolean; detail: string }> {
  if (!ports.traffic.observes) {
    return { back: result.outcome === "done", detail: `believed: ${result.reason}` };
  }
  const sent = ports.traffic.compensates ? fence : 0;
  const seen = await ports.traffic.observe(want);
  return { back: shows(seen, want, sent), detail: describeObservation(seen) };
}

async function attempt(
  ports: RolloutPorts,
  intent: Intent,
  want: TrafficSplit,
): Promise<{ back: boolean; detail: string }> {
  const { traffic } = ports;
  const onStart = async (process: Intent["process"]): Promise<void> => {
    await ports.journal.replace({ ...intent, process });
  };
  const result: TrafficResult = traffic.compensates
    ? await traffic.compensate({ intent, want, from: intent.after, fence: intent.fence, onStart })
    : { outcome: "unknown", reason: "adapter cannot compensate" };
  return await isBack(ports, intent, want, result);
}

/**
 * Moves traffic to where the registry says, and proves it.
 *
 * The order is sent even when the right weights are seen: it carries a higher fencing token, so
 * that an earlier order still under way is refused when it arrives. The registry is read again
 * afterwards, because whoever is on call may change it meanwhile.
 *
 * @param believed The adapter cannot be observed and has said that nothing was changed.
 * @returns In state `COMPENSATED` or `NEEDS_OPERATOR`.
 */
export async function compensateIntent(
  ports: RolloutPorts,
  intent: Intent,
  why: string,
  { believed = false }: { believed?: boolean } = {},
): Promise<Intent> {
  let current = await journalStep(ports, intent, "COMPENSATING", why, {
    fence: intent.fence + 1,
    outcome_reason: intent.outcome_reason === "" ? why : intent.outcome_reason,
  });
  if (believed) return await journalStep(ports, current, "COMPENSATED", "believed: unchanged");
  let detail = "";
  for (let tried = 0; tried < MOST_ATTEMPTS; tried++) {
    const truth = await readTruth(ports);
    if (typeof truth === "string") {
      detail = truth;
      break;
    }
    if (tried > 0) {
      current = { ...current, fence: current.fence + 1 };
      await ports.journal.replace(current);
    }
    const seen = await attempt(ports, current, splitOf(truth.store));
    detail = seen.detail;
    const again = await readTruth(ports);
    const still = typeof again !== "string" && again.sha256 === truth.sha256;
    if (seen.back && still) return await journalStep(ports, current, "COMPENSATED", detail);
  }
  return await journalStep(ports, current, "NEEDS_OPERATOR", detail);
}
