import { FINAL_STATES, type Intent, isPending } from "../../../../lib/rollout/intent.ts";
import {
  EXECUTE_ACTION,
  INTENT_ACTION,
  OPERATOR_ACTION,
  RECOVER_ACTION,
} from "../../../../lib/rollout/settle_intent.ts";
import { isWayBack } from "../../../../lib/rollout/rollout_plan.ts";
import { splitOf } from "../../../../lib/rollout/traffic_split.ts";
import type { AdapterFault, Schedule } from "./schedule.ts";
import { storeOf, type World } from "./world.ts";

/** What the simulator saw on the way, beyond the final world. */
export interface Facts {
  schedule: Schedule;
  /** What each process returned; undefined if it was killed or had nothing to do. */
  ends: (Intent | undefined)[];
  kills: number;
  servedAtRestart: number;
  /** Traffic after recovery, before reconciliation. */
  afterRecovery: World["traffic"];
  /** How many of `entered` came before reconciliation. */
  enteredBefore: number;
}

const FAILING: readonly AdapterFault[] = [
  "refuse",
  "fail_without_effect",
  "fail_after_applying",
  "succeed_without_effect",
  "configure_without_serving",
  "apply_late_and_fail",
];

function journalViolations(world: World): string[] {
  const intents = [...world.journal.values()];
  return intents.flatMap((intent) => [
    ...(isPending(intent) ? [`intent is left in ${intent.state}`] : []),
    ...(FINAL_STATES.includes(intent.state) ? [] : [`manual step needed: ${intent.state}`]),
  ]);
}

function registryViolations(world: World): string[] {
  const { history, revision } = storeOf(world);
  const found: string[] = [];
  for (const intent of world.journal.values()) {
    const rows = history.filter((row) => row.intent_id === intent.intent_id).length;
    const wanted = intent.state === "COMMITTED" && intent.plan.action !== "reconcile" ? 1 : 0;
    if (rows !== wanted) found.push(`${intent.state} intent has ${rows} rows`);
  }
  for (const { reason } of world.human) {
    if (!history.some((row) => row.reason === reason)) found.push("a row of on call is lost");
  }
  const rows = 1 + world.commits.length + world.human.length;
  if (history.length !== rows) found.push(`history has ${history.length} rows, not ${rows}`);
  if (revision !== 2 + rows) found.push(`revision is ${revision}, not ${2 + rows}`);
  for (const { intentId, revision } of world.commits) {
    const planned = world.journal.get(intentId)?.generation_before;
    if (planned !== revision) found.push("a newer registry was overwritten");
  }
  return found;
}

function auditViolations(world: World): string[] {
  const found: string[] = [];
  for (const intent of world.journal.values()) {
    const own = world.audit.filter(({ context }) => context.intent_id === intent.intent_id);
    const count = (...actions: string[]): number =>
      own.filter(({ action }) => actions.includes(action)).length;
    const outcomes = own.filter(({ action }) => [EXECUTE_ACTION, RECOVER_ACTION].includes(action));
    if (outcomes.length !== 1) found.push(`${intent.state} intent has ${outcomes.length} outcomes`);
    const wanted = intent.state === "COMMITTED" ? "ok" : "failed";
    if (outcomes[0]?.status !== wanted) found.push(`outcome of ${intent.state} is not ${wanted}`);
    if (count(INTENT_ACTION) > 1) found.push("an intent was announced twice");
    if (count(OPERATOR_ACTION) > 1) found.push("a person was called twice for one intent");
    const started = intent.transitions.some(({ state }) => state === "TRAFFIC_STARTED");
    if (started && count(INTENT_ACTION) !== 1) found.push("an intent was not announced");
  }
  return found;
}

function trafficViolations(world: World, { afterRecovery, enteredBefore }: Facts): string[] {
  const { canary_weight: want } = splitOf(storeOf(world));
  const { weight, served } = world.traffic;
  const found: string[] = [];
  if (weight !== want || served !== want) found.push(`traffic is ${weight}/${served}, not ${want}`);
  if (world.orphans.length > 0) found.push("a traffic command outlived its executor");
  const lastHuman = world.human.at(-1)?.step ?? -1;
  const lastEnd = world.entered.slice(0, enteredBefore).findLast(({ state }) =>
    FINAL_STATES.includes(state)
  );
  const owed = world.human.length === 0 ||
    (lastEnd?.state === "COMPENSATED" && lastEnd.step > lastHuman);
  if (owed && afterRecovery.served !== want) found.push("recovery left traffic elsewhere");
  return found;
}

/** A way back is tried several times and may wait for a person, but only a person takes it back. */
function wayBackViolations(world: World, { schedule, ends }: Facts): string[] {
  if (world.human.length > 0) return [];
  const { kill, blind, orders } = schedule.sessions[0] ?? {};
  const obeyed = [0, 1, 2].some((at) => (orders?.[at] ?? "none") === "none");
  const watched = kill === null && blind?.length === 0 && schedule.goal !== "advance";
  if (watched && obeyed && ends[0] !== undefined && ends[0].state !== "COMMITTED") {
    return [`a way back gave up in ${ends[0].state} although an order would have been obeyed`];
  }
  const undone = [...world.journal.values()].filter(({ plan, transitions }) =>
    isWayBack(plan) && transitions.some(({ state }) => state === "COMPENSATING")
  );
  return undone.map(({ plan }) => `${plan.action} was taken back`);
}

/** Rules that hold for some schedules only: progress, roll forward, failure reverts. */
function promiseViolations(world: World, facts: Facts): string[] {
  const { schedule, ends, kills, servedAtRestart } = facts;
  const found: string[] = [];
  const faults = schedule.sessions.flatMap(({ orders }) => orders).filter((f) => f !== "none");
  const blind = schedule.sessions.some((session) => session.blind.length > 0);
  const first = [...world.journal.values()].find(({ plan }) => plan.action !== "reconcile");
  const undisturbed = faults.length === 0 && !blind && world.human.length === 0;
  const moves = first?.before.canary_weight !== first?.after.canary_weight;
  if (undisturbed && ends.some((end) => end !== undefined && end.state !== "COMMITTED")) {
    found.push("a healthy run did not commit");
  }
  for (const end of ends) {
    const ended = end === undefined || end.state === "NEEDS_OPERATOR" ||
      FINAL_STATES.includes(end.state);
    if (!ended) found.push(`a run that was not killed left ${end.state}`);
  }
  if (undisturbed && first !== undefined && first.state !== "COMMITTED") {
    const arrived = world.journal.size === 1 && moves &&
      servedAtRestart === first.after.canary_weight;
    if (arrived) found.push("traffic had arrived and was not rolled forward");
  }
  const fault = schedule.sessions[0]?.orders[0] ?? "none";
  const once = schedule.goal === "advance";
  if (ends[0]?.state === "COMMITTED" && FAILING.includes(fault) && moves && once) {
    found.push(`a stage whose command did "${fault}" was committed`);
  }
  if (ends[0] === undefined && kills === 0 && undisturbed && schedule.goal === "advance") {
    found.push("a healthy run had nothing to do");
  }
  return found;
}

/** Everything that is wrong with the final world, in words; empty when all agree. */
export function findViolations(world: World, facts: Facts): string[] {
  return [
    ...journalViolations(world),
    ...registryViolations(world),
    ...auditViolations(world),
    ...trafficViolations(world, facts),
    ...wayBackViolations(world, facts),
    ...promiseViolations(world, facts),
  ];
}
