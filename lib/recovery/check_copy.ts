import { join } from "@std/path/join";
import type { DisasterRecoveryPolicy } from "../policy/disaster_recovery_policy.ts";
import { describeFault, loadJson } from "../policy/load.ts";
import { compareTree, type TreeComparison } from "./compare_tree.ts";
import { DATA_FOLDER, MANIFEST_FILE, readPointer, SNAPSHOTS_FOLDER } from "./region.ts";
import { manifestFault, SnapshotManifest } from "./snapshot_manifest.ts";

/** A copy read from its files and compared with its own manifest. */
export interface CheckedCopy {
  name: string;
  /** Its folder, absolute. */
  folder: string;
  manifest?: SnapshotManifest;
  comparison?: TreeComparison;
  /** Why it cannot be relied on; empty when it can. */
  faults: string[];
}

/** Faults of a copy shown at most. */
const MOST_FAULTS = 20;

/**
 * Reads a copy back: its manifest by its own digest, every file by the manifest.
 *
 * @param sealed Digest the manifest had when the copy was proven; any when absent.
 */
export async function checkCopy(
  folder: string,
  { name, sealed }: { name: string; sealed?: string },
  signal: AbortSignal,
): Promise<CheckedCopy> {
  const loaded = await loadJson(join(folder, MANIFEST_FILE), SnapshotManifest, {
    shown: `${name}/${MANIFEST_FILE}`,
  });
  if (loaded.state !== "ok") {
    const faults = loaded.faults.map((fault) => describeFault(loaded.path, fault));
    return { name, folder, faults };
  }
  const { value: manifest } = loaded;
  const faults = [await manifestFault(manifest) ?? []].flat();
  if (manifest.name !== name || (sealed ?? manifest.manifest_sha256) !== manifest.manifest_sha256) {
    faults.push(`${name} is another copy than the one that was proven`);
  }
  const comparison = await compareTree(join(folder, DATA_FOLDER), manifest.entries, signal);
  const { differences } = comparison;
  faults.push(...differences.slice(0, MOST_FAULTS).map(({ path, what }) => `${path}: ${what}`));
  return { name, folder, manifest, comparison, faults };
}

/**
 * The copy that the pointer of a backup region names; undefined while there is none.
 *
 * @throws {IoError} If the pointer is malformed.
 */
export async function lastGoodCopy(
  region: string,
  signal: AbortSignal,
): Promise<CheckedCopy | undefined> {
  const pointer = await readPointer(region);
  if (pointer === undefined) return undefined;
  const { snapshot: name, manifest_sha256: sealed } = pointer;
  return await checkCopy(join(region, SNAPSHOTS_FOLDER, name), { name, sealed }, signal);
}

/** Files that the policy demands and a copy does not hold, or holds empty. */
export function missingFiles(
  { manifest }: CheckedCopy,
  { must_contain }: DisasterRecoveryPolicy,
): string[] {
  const held = new Set(
    manifest?.entries.flatMap((entry) => entry.type === "file" && entry.size > 0 ? entry.path : []),
  );
  return must_contain.filter((path) => !held.has(path));
}
