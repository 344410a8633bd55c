import { walk } from "@std/fs/walk";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import { POLICIES, policyPath } from "../policy/catalogue.ts";
import { describeFault, loadJson } from "../policy/load.ts";
import { parseChannels } from "../rollout/channels.ts";
import type { BundleManifest } from "./bundle_manifest.ts";
import { REGISTRY_PATH } from "./bundle_sources.ts";
import { writeFlushed } from "./copy_sources.ts";
import { verifyBundle } from "./verify_bundle.ts";

/** A bundle cannot be restored as it is; nothing was written. */
export class RestoreError extends Error {
  override name = "RestoreError";
}

/**
 * Writes the files of a bundle into an empty folder. Restoring over a live repository is left to
 * people: they compare first.
 *
 * @param folder The bundle, absolute.
 * @param target Absolute; must not exist, or be empty.
 * @throws {RestoreError} If the bundle does not verify or the target is not empty.
 */
export async function restoreBundle(folder: string, target: string): Promise<BundleManifest> {
  const { ok, manifest, faults } = await verifyBundle(folder);
  if (!ok || manifest === undefined) {
    throw new RestoreError(`Cannot restore "${folder}": ${faults[0]}`);
  }
  await Deno.mkdir(target, { recursive: true });
  for await (const { name } of Deno.readDir(target)) {
    throw new RestoreError(`Cannot restore into "${target}": it holds "${name}", must be empty`);
  }
  for (const { path } of manifest.files) {
    await writeFlushed(join(target, path), await Deno.readFile(join(folder, path)));
  }
  return manifest;
}

async function sameBytes(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([Deno.readFile(a), Deno.readFile(b)]);
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

/** Byte for byte: what was restored against the bundle, nothing missing, nothing more. */
async function differences(
  folder: string,
  target: string,
  { files }: BundleManifest,
): Promise<string[]> {
  const restored = new Set<string>();
  for await (const entry of walk(target, { includeDirs: false, followSymlinks: false })) {
    restored.add(relative(target, entry.path).replaceAll("\\", "/"));
  }
  const faults: string[] = [];
  for (const { path } of files) {
    if (!restored.delete(path)) faults.push(`${path} was not restored`);
    else if (!await sameBytes(join(folder, path), join(target, path))) {
      faults.push(`${path} was restored with other bytes`);
    }
  }
  return [...faults, ...[...restored].sort().map((path) => `${path} is not of the bundle`)];
}

/** Reads what was restored the way the gates would: registry and policies by their schemas. */
async function unreadable(target: string, { files }: BundleManifest): Promise<string[]> {
  const has = (path: string): boolean => files.some((file) => file.path === path);
  const faults: string[] = [];
  if (has(REGISTRY_PATH)) {
    try {
      parseChannels(await Deno.readTextFile(join(target, REGISTRY_PATH)), REGISTRY_PATH);
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  for (const { name, schema } of POLICIES) {
    const path = policyPath(name);
    if (!has(path)) continue;
    const loaded = await loadJson(join(target, path), await schema(), { shown: path });
    if (loaded.state !== "ok") {
      faults.push(...loaded.faults.map((fault) => describeFault(path, fault)));
    }
  }
  return faults;
}

/** What a rehearsal showed. */
export interface Rehearsal {
  ok: boolean;
  /** Files restored and compared byte by byte. */
  files: number;
  bytes: number;
  /** Seconds from the first look at the bundle to the last byte on disk. */
  restore_s: number;
  faults: string[];
}

/**
 * Restores a bundle into a temporary root by the code that would do so for real, compares it byte by
 * byte, reads registry and policies from there, and removes it again.
 *
 * @param folder The bundle, absolute.
 * @param target A path that does not exist, absolute.
 */
export async function rehearseRestore(folder: string, target: string): Promise<Rehearsal> {
  const start = performance.now();
  try {
    const manifest = await restoreBundle(folder, target);
    const restoreS = Math.round(performance.now() - start) / 1000;
    const faults = [
      ...await differences(folder, target, manifest),
      ...await unreadable(target, manifest),
    ];
    const bytes = manifest.files.reduce((sum, { size }) => sum + size, 0);
    const { length: files } = manifest.files;
    return { ok: faults.length === 0, files, bytes, restore_s: restoreS, faults };
  } catch (error) {
    if (!(error instanceof RestoreError)) throw error;
    return { ok: false, files: 0, bytes: 0, restore_s: 0, faults: [error.message] };
  } finally {
    await Deno.remove(target, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
