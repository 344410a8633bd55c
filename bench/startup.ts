#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write --allow-env --allow-run
/**
 * Start-up of each gate against an empty program, in the same run: medians of interleaved rounds.
 *
 * Usage: `deno task bench:startup [ROUNDS] [SCRIPT ...]`
 * @module
 */
import { scriptPath, scriptPermissions, toolkitConfig } from "../lib/preflight/permissions.ts";
import { STEPS } from "../lib/preflight/registry.ts";
import { TempRepository } from "../tests/support/temp_repository.ts";

const [rounds = "10", ...chosen] = Deno.args;
const say = (line: string): unknown => Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));

await using repository = await TempRepository.make({
  "deno.json": { name: "@bench/empty", version: "1.0.0" },
  "empty.ts": "",
  "CHANGES.md": "## 1.0.0\n\n- first\n",
  "docs/RELEASE_AND_ROLLBACK.md": "# Release\n\nRoll back with care.\n",
  "security/release_policy.json": { version: 2, app_version: "1.0.0" },
}, { git: true });

async function measure(args: readonly string[]): Promise<number> {
  const start = performance.now();
  await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: repository.root,
    stdout: "null",
    stderr: "null",
  }).output();
  return performance.now() - start;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const steps = STEPS.filter((step) =>
  chosen.length === 0 ? step.group !== "seal" : chosen.includes(step.script)
);
const commands = new Map<string, string[]>([["(empty program)", [
  "run",
  "--no-prompt",
  repository.path("empty.ts"),
]]]);
for (const { script, args = [] } of steps) {
  const permissions = await scriptPermissions(script);
  commands.set(script, [
    "run",
    "--config",
    toolkitConfig(),
    ...permissions,
    scriptPath(script),
    ...args,
    "--quiet",
  ]);
}
const times = new Map<string, number[]>([...commands.keys()].map((name) => [name, []]));
for (const args of commands.values()) await measure(args); // fills the caches
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, args] of commands) times.get(name)!.push(await measure(args));
}
const empty = median(times.get("(empty program)")!);
for (const [name, values] of times) {
  const value = median(values);
  say(`${name.padEnd(36)} ${value.toFixed(0).padStart(5)} ms  ${(value / empty).toFixed(2)} x`);
}
