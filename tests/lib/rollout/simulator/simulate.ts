import { planRollout } from "../../../../lib/rollout/rollout_plan.ts";
import type { executeIntent } from "../../../../lib/rollout/execute_intent.ts";
import type { Intent, isPending } from "../../../../lib/rollout/intent.ts";
import type { prepareIntent } from "../../../../lib/rollout/prepare_intent.ts";
import type { observeDrift, reconcileTraffic } from "../../../../lib/rollout/reconcile_traffic.ts";
import type { recoverIntents } from "../../../../lib/rollout/recover_intents.ts";
import { findViolations } from "./invariants.ts";
import type { Schedule } from "./schedule.ts";
import { Killed, Session } from "./session.ts";
import { newWorld, tick, type World } from "./world.ts";

/** The functions under test; planted faults come in through here. */
export interface Protocol {
  executeIntent: typeof executeIntent;
  recoverIntents: typeof recoverIntents;
  reconcileTraffic: typeof reconcileTraffic;
  observeDrift: typeof observeDrift;
  prepareIntent: typeof prepareIntent;
  isPending: typeof isPending;
}

const ORIGIN = {
  actor: "release-bot",
  reason: "simulated",
  correlation_id: "chg-1",
  release_candidate_id: "rc-1",
  commit: "",
  gate_evidence: [],
};

/** What one process of the executor does: recover, look, plan, and carry out one stage. */
async function runSession(
  protocol: Protocol,
  session: Session,
  schedule: Schedule,
): Promise<Intent | undefined> {
  const { ports } = session;
  const recovered = await protocol.recoverIntents(ports, "auto");
  if (recovered.some(protocol.isPending)) return undefined;
  const drift = await protocol.observeDrift(ports);
  if (drift.agrees !== true || drift.seen.state !== "observed") return undefined;
  const read = await ports.registry.read();
  const plan = planRollout(read.store, {
    goal: schedule.goal,
    targetVersion: schedule.start === "promoted" ? "1.2.0" : "1.1.0",
    stages: { canary: [5, 25, 50, 100], stable: [50, 100] },
    rollbackVersion: "1.0.0",
  });
  if (plan.action === "noop") return undefined;
  const options = { observedFence: drift.seen.fence ?? 0 };
  const prepared = await protocol.prepareIntent(ports, read, plan, ORIGIN, options);
  return await protocol.executeIntent(ports, prepared);
}

async function untilKilled<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Killed) return undefined;
    throw error;
  }
}

/** What one schedule led to. */
export interface Simulated {
  world: World;
  violations: string[];
  /** Processes that were killed. */
  kills: number;
}

/** Runs a schedule: each process to its end, then one healthy `--recover`; then checks everything. */
export async function simulate(protocol: Protocol, schedule: Schedule): Promise<Simulated> {
  const world = newWorld(schedule);
  let kills = 0;
  const ends: (Intent | undefined)[] = [];
  for (const fate of schedule.sessions) {
    const session = new Session(world, fate, protocol.isPending);
    ends.push(await untilKilled(() => runSession(protocol, session, schedule)));
    world.trace.push(session.dead ? "-- killed" : "-- ended");
    if (session.dead) kills++;
  }
  const servedAtRestart = world.traffic.served;
  const unharmed = { kill: null, orders: [], blind: [], humanAt: [] };
  const healthy = new Session(world, unharmed, protocol.isPending);
  await protocol.recoverIntents(healthy.ports, "auto");
  const afterRecovery = { ...world.traffic };
  const enteredBefore = world.entered.length;
  await protocol.reconcileTraffic(healthy.ports, ORIGIN);
  tick(world, { all: true }); // whatever is still on its way arrives now
  const facts = { schedule, ends, kills, servedAtRestart, afterRecovery, enteredBefore };
  return { world, kills, violations: [...world.violations, ...findViolations(world, facts)] };
}
