import { type Random, seeded } from "./random.ts";

/** What an adapter does with one order. */
export const ADAPTER_FAULTS = [
  "refuse",
  "fail_without_effect",
  "fail_after_applying",
  "succeed_without_effect",
  "configure_without_serving",
  "apply_late_and_fail",
  "apply_late_and_succeed",
  "apply_twice",
] as const;
/** One fault, or none. */
export type AdapterFault = typeof ADAPTER_FAULTS[number] | "none";

/** Where in a session the executor dies, and on which side of the effect. */
export interface Kill {
  /** Counted over the port calls of the session, from 1. */
  atStep: number;
  side: "before" | "during" | "after";
}

/** Everything that happens to one process of the executor. */
export interface SessionSchedule {
  kill: Kill | null;
  /** Faults of successive orders (apply, compensate ...); beyond the list: none. */
  orders: AdapterFault[];
  /** Which observations (counted from 1) find the controller unreachable. */
  blind: number[];
  /** Steps before which whoever is on call changes the registry. */
  humanAt: number[];
}

/** One run of the simulator: where the rollout stands, and the fate of each process. */
export interface Schedule {
  seed: number;
  start: "fresh" | "canary" | "canary_full" | "stable_partial" | "promoted";
  goal: "advance" | "abort" | "rollback";
  /** All but the last; the last is a healthy `--recover`. */
  sessions: SessionSchedule[];
}

/** More steps than a session has: a kill there never happens. */
const LONGEST_SESSION = 34;

function sessionOf(random: Random, faulty: boolean): SessionSchedule {
  const fault = (): AdapterFault => random.chance(0.5) ? random.pick(ADAPTER_FAULTS) : "none";
  return {
    kill: random.chance(0.75)
      ? {
        atStep: random.int(1, LONGEST_SESSION),
        side: random.pick(["before", "during", "after"] as const),
      }
      : null,
    orders: faulty ? [fault(), fault(), fault(), fault()] : [],
    blind: faulty && random.chance(0.15) ? [random.int(1, 4)] : [],
    humanAt: random.chance(0.25) ? [random.int(1, LONGEST_SESSION)] : [],
  };
}

/** The schedule of a seed; the same seed gives the same schedule everywhere. */
export function scheduleOf(seed: number): Schedule {
  const random = seeded(seed);
  const again = random.chance(0.3);
  const faulty = random.chance(0.6);
  return {
    seed,
    start: random.pick(["fresh", "canary", "canary_full", "stable_partial", "promoted"] as const),
    goal: random.pick(["advance", "advance", "advance", "abort", "rollback"] as const),
    sessions: [
      sessionOf(random, faulty),
      ...(again ? [sessionOf(random, random.chance(0.5))] : []),
    ],
  };
}
