import { describeObservation, shows } from "./compensate_intent.ts";
import { executeIntent } from "./execute_intent.ts";
import type { Intent } from "./intent.ts";
import { type IntentOrigin, prepareIntent, reconcilePlan } from "./prepare_intent.ts";
import type { Observation, RolloutPorts } from "./rollout_ports.ts";
import { splitOf, type TrafficSplit } from "./traffic_split.ts";

/** Whether what is served is what the registry says. `agrees` is null where nobody can look. */
export interface Drift {
  agrees: boolean | null;
  want: TrafficSplit;
  seen: Observation;
  detail: string;
}

/** Compares traffic with the registry. Changes nothing. */
export async function observeDrift(ports: RolloutPorts): Promise<Drift> {
  const want = splitOf((await ports.registry.read()).store);
  const seen: Observation = ports.traffic.observes
    ? await ports.traffic.observe(want)
    : { state: "blind", reason: "the adapter has no readback" };
  const agrees = seen.state === "blind" ? null : shows(seen, want, 0);
  return { agrees, want, seen, detail: describeObservation(seen) };
}

/**
 * Moves traffic to where the registry says, as an intent of its own, if it is elsewhere.
 *
 * Only on request: whoever is on call may have moved traffic by hand for a reason, and an executor
 * that undid that unasked would be a second incident.
 *
 * @returns The intent, or undefined when there was nothing to do or nothing to see.
 */
export async function reconcileTraffic(
  ports: RolloutPorts,
  origin: IntentOrigin,
): Promise<Intent | undefined> {
  const read = await ports.registry.read();
  const { agrees, seen, want } = await observeDrift(ports);
  if (agrees !== false || seen.state === "blind") return undefined;
  const { canaryWeight, fence } = seen;
  const from = { ...want, canary_weight: canaryWeight, stable_weight: 100 - canaryWeight };
  const options = { from, observedFence: fence ?? 0 };
  return await executeIntent(
    ports,
    await prepareIntent(ports, read, reconcilePlan(read), origin, options),
  );
}
