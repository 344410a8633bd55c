#!/usr/bin/env -S deno run --no-prompt
/**
 * Runs many more simulated schedules of the rollout protocol than the tests do.
 *
 * `deno run tests/slow/rollout_schedules.ts [count] [first seed]`, by default 100 000 from 1. Ends
 * with 0 and the numbers, or with 2 and the first seeds that broke a rule.
 * @module
 */
import { executeIntent } from "../../lib/rollout/execute_intent.ts";
import { isPending } from "../../lib/rollout/intent.ts";
import { prepareIntent } from "../../lib/rollout/prepare_intent.ts";
import { observeDrift, reconcileTraffic } from "../../lib/rollout/reconcile_traffic.ts";
import { recoverIntents } from "../../lib/rollout/recover_intents.ts";
import { runSchedules } from "../lib/rollout/simulator/run_schedules.ts";

if (import.meta.main) {
  const [count = 100_000, from = 1] = Deno.args.map(Number);
  const protocol = {
    executeIntent,
    isPending,
    prepareIntent,
    observeDrift,
    reconcileTraffic,
    recoverIntents,
  };
  const started = performance.now();
  const series = await runSchedules(protocol, { from, count });
  const seconds = (performance.now() - started) / 1000;
  const text = JSON.stringify({ ...series, seconds }, null, 2);
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
  Deno.exitCode = series.failures.length === 0 && series.schedules === count ? 0 : 2;
}
