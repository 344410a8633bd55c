import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { executeIntent } from "../../../../lib/rollout/execute_intent.ts";
import { INTENT_STATES, isPending } from "../../../../lib/rollout/intent.ts";
import { prepareIntent } from "../../../../lib/rollout/prepare_intent.ts";
import { observeDrift, reconcileTraffic } from "../../../../lib/rollout/reconcile_traffic.ts";
import { recoverIntents } from "../../../../lib/rollout/recover_intents.ts";
import { loadMutant } from "./mutant.ts";
import { PLANTED_FAULTS } from "./planted_faults.ts";
import { runSchedules } from "./run_schedules.ts";
import { ADAPTER_FAULTS, scheduleOf } from "./schedule.ts";
import { simulate } from "./simulate.ts";

const PROTOCOL = {
  executeIntent,
  recoverIntents,
  reconcileTraffic,
  observeDrift,
  prepareIntent,
  isPending,
};

/** Schedules tried here; tests/slow/rollout_schedules.ts tries a hundred thousand. */
const SLICE = 4000;

Deno.test(`registry, journal, audit log and traffic agree after ${SLICE} schedules of kills and faults`, async () => {
  const series = await runSchedules(PROTOCOL, { from: 1, count: SLICE });
  assertEquals(series.failures, []);
  assertEquals(series.schedules, SLICE);
  assert(series.kills > SLICE / 3, `only ${series.kills} kills`);
  assert(series.committed > SLICE / 4 && series.compensated > SLICE / 10);
});

Deno.test("the schedules enter every state of an intent and use every fault of an adapter", async () => {
  const entered = new Set<string>();
  const faults = new Set<string>();
  const sides = new Set<string>();
  for (let seed = 1; seed <= 600; seed++) {
    const schedule = scheduleOf(seed);
    for (const { orders, kill } of schedule.sessions) {
      orders.forEach((fault) => faults.add(fault));
      if (kill !== null) sides.add(kill.side);
    }
    const { world } = await simulate(PROTOCOL, schedule);
    world.entered.forEach(({ state }) => entered.add(state));
  }
  assertEquals([...entered].sort(), [...INTENT_STATES].sort());
  assertEquals([...faults].sort(), ["none", ...ADAPTER_FAULTS].sort());
  assertEquals([...sides].sort(), ["after", "before", "during"]);
});

Deno.test("a seed replays identically", async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const first = await simulate(PROTOCOL, scheduleOf(seed));
    const second = await simulate(PROTOCOL, scheduleOf(seed));
    assertEquals(second.world.trace, first.world.trace);
    assertEquals(second.world.registryText, first.world.registryText);
  }
});

for (const [at, fault] of PLANTED_FAULTS.entries()) {
  Deno.test(`the simulator finds planted fault ${at + 1}: ${fault.claim}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const mutant = await loadMutant(fault, folder);
      const found = await firstFailure(mutant);
      assert(found !== undefined, "no schedule found it");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** A broken rule, or an error the protocol does not throw when it is sound. */
async function firstFailure(mutant: typeof PROTOCOL): Promise<string | undefined> {
  try {
    const { failures } = await runSchedules(mutant, { from: 1, count: SLICE, stopAfter: 1 });
    return failures[0]?.violations[0];
  } catch (error) {
    return (error as Error).message;
  }
}
