import { join } from "@std/path/join";
import { compareTree } from "../../lib/recovery/compare_tree.ts";
import { readPointer, snapshotNames } from "../../lib/recovery/region.ts";
import { manifestFault, SnapshotManifest } from "../../lib/recovery/snapshot_manifest.ts";
import { governedRepository } from "./governed.ts";
import { runScript, type ScriptEnd } from "./run_script.ts";
import type { Content, TempRepository } from "./temp_repository.ts";

/** A signal that never comes. */
export const NEVER: AbortSignal = new AbortController().signal;

const shipped = JSON.parse(
  await Deno.readTextFile(
    new URL("../../security/disaster_recovery_policy.json", import.meta.url),
  ),
);

/** A repository with the shipped policy and a little state; `policy` adds to it. */
export async function recoveryRepository(
  files: Record<string, Content> = { ".data/state/app.json": { at: 1 }, ".data/state/log": "x\n" },
  policy: Record<string, unknown> = {},
): Promise<TempRepository> {
  return await governedRepository({
    "security/disaster_recovery_policy.json": { ...shipped, ...policy },
    ...files,
  }, { git: false });
}

/** Runs the drill, by default on the default places. */
export async function runDrill(
  { root }: { root: string },
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<ScriptEnd> {
  return await runScript("disaster_recovery_drill", ["--json", ...args], { root, env });
}

/** Whether a copy in a region is what its manifest says. */
async function copyFaults(region: string, name: string): Promise<string[]> {
  const folder = join(region, "snapshots", name);
  const manifest = SnapshotManifest.parse(
    JSON.parse(await Deno.readTextFile(join(folder, "MANIFEST.json"))),
  );
  const fault = await manifestFault(manifest);
  const { differences } = await compareTree(join(folder, "data"), manifest.entries, NEVER);
  const named = manifest.name === name ? [] : [`${name} says it is ${manifest.name}`];
  return [...fault === undefined ? [] : [fault], ...named, ...differences.map(({ path }) => path)];
}

/** Everything that must hold in a region whatever happened: names of the copies, or what is wrong. */
export async function regionState(region: string): Promise<{ names: string[]; faults: string[] }> {
  const names = await snapshotNames(region);
  const faults: string[] = [];
  for (const name of names) faults.push(...await copyFaults(region, name));
  const pointer = await readPointer(region);
  if (pointer !== undefined && !names.includes(pointer.snapshot)) {
    faults.push(`the pointer names ${pointer.snapshot}, which is not there`);
  }
  return { names, faults };
}
