#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write
/**
 * Tampers with audit logs of 1 to 10 000 entries, many more times than the tests do.
 *
 * `deno run tests/slow/audit_mutations.ts [count] [seed] [largest]`, by default 100 000 from seed 1
 * on logs of up to 10 000 entries. Ends with 0 and the numbers, or with 2 and what was missed.
 * @module
 */
import { tamperMany } from "../lib/audit/tamper.ts";

if (import.meta.main) {
  const [manipulations = 100_000, seed = 1, largest = 10_000] = Deno.args.map(Number);
  const started = performance.now();
  const say = (text: string) => new TextEncoder().encode(text);
  const result = await tamperMany({
    ...{ seed, manipulations, cleanLogs: 1_000, largest },
    progress: (done) => Deno.stderr.writeSync(say(`${done} of ${manipulations}\n`)),
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  const text = JSON.stringify({ ...result, seconds }, null, 2);
  await Deno.stdout.write(say(`${text}\n`));
  const whole = result.exact === manipulations && result.alarms === 0;
  Deno.exitCode = whole ? 0 : 2;
}
