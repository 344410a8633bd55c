import { changeChannel } from "../../../../lib/rollout/channel_change.ts";
import { type Channels, parseChannels } from "../../../../lib/rollout/channels.ts";
import type { Intent } from "../../../../lib/rollout/intent.ts";
import type { AuditRecord } from "../../../../lib/rollout/rollout_ports.ts";
import { type Random, seeded } from "./random.ts";
import type { Schedule } from "./schedule.ts";

/** An order on its way to the controller. */
export interface LateEffect {
  weight: number;
  fence: number;
  dueStep: number;
}

/** A traffic command that outlives the executor that started it. */
export interface Orphan extends LateEffect {
  pid: number;
}

/** All that outlives a process: disk, audit log, controller, commands still running. */
export interface World {
  random: Random;
  step: number;
  registryText: string;
  journal: Map<string, Intent>;
  audit: AuditRecord[];
  /** `weight` is configured, `served` is what responses show. */
  traffic: { weight: number; served: number; fence: number };
  late: LateEffect[];
  orphans: Orphan[];
  /** Registry rows written by whoever is on call: step and reason. */
  human: { step: number; reason: string }[];
  /** Registry writes of the executor: intent and the revision replaced. */
  commits: { intentId: string; revision: number; step: number }[];
  /** Step of each state an intent entered. */
  entered: { intentId: string; state: Intent["state"]; step: number }[];
  /** Rules of order broken while running. */
  violations: string[];
  /** Everything that happened, for comparing two runs of a seed. */
  trace: string[];
}

const STARTS: Record<Schedule["start"], [canary: [string, number], stable: [string, number]]> = {
  fresh: [["1.0.0", 0], ["1.0.0", 100]],
  canary: [["1.1.0", 25], ["1.0.0", 100]],
  canary_full: [["1.1.0", 100], ["1.0.0", 100]],
  stable_partial: [["1.1.0", 0], ["1.1.0", 50]],
  promoted: [["1.1.0", 0], ["1.1.0", 100]],
};

/** The registry in the world, parsed anew at each call: nobody shares an object with the disk. */
export function storeOf(world: World): Channels {
  return parseChannels(world.registryText, "registry");
}

/** A world in which registry and traffic agree and nothing is pending. */
export function newWorld(schedule: Schedule): World {
  const [canary, stable] = STARTS[schedule.start];
  const store: Channels = {
    version: 1,
    updated_at: 1000,
    revision: 3,
    channels: {
      canary: { version: canary[0], rollout_percent: canary[1], updated_at: 1000 },
      stable: { version: stable[0], rollout_percent: stable[1], updated_at: 1000 },
    },
    history: [{ ts: 1000, action: "set", channel: "stable", to_version: "1.0.0" }],
  };
  const weight = canary[0] === stable[0] ? 100 - stable[1] : canary[1];
  return {
    random: seeded(schedule.seed ^ 0x5bd1e995),
    step: 0,
    registryText: JSON.stringify(store),
    journal: new Map(),
    audit: [],
    traffic: { weight, served: weight, fence: 0 },
    late: [],
    orphans: [],
    human: [],
    commits: [],
    entered: [],
    violations: [],
    trace: [],
  };
}

/**
 * Whether the controller takes an order: not one with an older token than it has seen, and not
 * another one with the same token.
 */
export function applyEffect(world: World, { weight, fence }: Omit<LateEffect, "dueStep">): boolean {
  const last = world.traffic;
  if (fence < last.fence || (fence === last.fence && weight !== last.weight)) return false;
  world.traffic = { weight, served: weight, fence };
  world.trace.push(`traffic ${weight} fence ${fence}`);
  return true;
}

/** Lets time pass by one step: what was due arrives. */
export function tick(world: World, { all = false } = {}): void {
  world.step++;
  const due = (effect: LateEffect): boolean => all || effect.dueStep <= world.step;
  const arriving = [...world.late.filter(due), ...world.orphans.filter(due)];
  world.late = world.late.filter((effect) => !due(effect));
  world.orphans = world.orphans.map((orphan) => due(orphan) ? { ...orphan, weight: -1 } : orphan);
  for (const effect of arriving) {
    if (effect.weight >= 0) applyEffect(world, effect);
  }
}

/** Whoever is on call takes the canary back, in the registry alone. */
export function humanActs(world: World): void {
  const store = storeOf(world);
  const reason = `on call ${world.human.length}`;
  const version = store.channels.canary?.version ?? "";
  const percent = store.channels.canary?.rollout_percent === 0 ? 1 : 0;
  const change = { channel: "canary", version, percent, action: "abort" };
  const next = changeChannel(store, change, { reason, actor: "oncall", nowS: 2000 });
  world.registryText = JSON.stringify({ ...next, revision: (store.revision ?? 0) + 1 });
  world.human.push({ step: world.step, reason });
  world.trace.push(`human ${percent}`);
}
