import { z } from "zod";
import type { Channels } from "./channels.ts";

/**
 * What the registry says must be served. The two weights always sum to 100, unlike the channels'
 * percents, which are independent of each other.
 */
export const TrafficSplit = z.object({
  canary_version: z.string(),
  stable_version: z.string(),
  canary_weight: z.int().min(0).max(100).describe("Percent of traffic sent to the canary pool"),
  stable_weight: z.int().min(0).max(100).describe("Percent of traffic sent to the stable pool"),
  canary_rollout_percent: z.int().min(0).max(100).describe("The channel's own percent"),
  stable_rollout_percent: z.int().min(0).max(100).describe("The channel's own percent"),
});
/** What is to be served. */
export type TrafficSplit = z.output<typeof TrafficSplit>;

/**
 * The split a registry stands for.
 *
 * While the channels differ, the canary pool gets the canary's percent. Once they serve the same
 * version, the stable pool takes over by stable's own percent, and the canary pool keeps the rest.
 *
 * @throws {RangeError} If canary or stable is absent, or a percent is not an integer 0..100.
 */
export function splitOf(store: Channels): TrafficSplit {
  const { canary, stable } = store.channels;
  if (canary === undefined || stable === undefined) {
    throw new RangeError("Cannot derive traffic split: the registry lacks canary or stable");
  }
  const same = canary.version === stable.version;
  const weight = same ? 100 - stable.rollout_percent : canary.rollout_percent;
  if (!Number.isInteger(weight) || weight < 0 || weight > 100) {
    throw new RangeError(`Cannot derive traffic split: canary weight is ${weight}, must be 0..100`);
  }
  return {
    canary_version: canary.version,
    stable_version: stable.version,
    canary_weight: weight,
    stable_weight: 100 - weight,
    canary_rollout_percent: canary.rollout_percent,
    stable_rollout_percent: stable.rollout_percent,
  };
}

/** Whether both send the same share of traffic to the canary pool. Versions are not a controller's. */
export function sameWeights(
  a: Pick<TrafficSplit, "canary_weight">,
  b: Pick<TrafficSplit, "canary_weight">,
): boolean {
  return a.canary_weight === b.canary_weight;
}

/** The share of responses, 0..1, that a version must have under a split. */
export function shareOf(split: TrafficSplit, version: string): number {
  const canary = split.canary_version === version ? split.canary_weight : 0;
  const stable = split.stable_version === version ? split.stable_weight : 0;
  return (canary + stable) / 100;
}
