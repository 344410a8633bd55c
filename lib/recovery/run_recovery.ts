import { join } from "@std/path/join";
import type { DisasterRecoveryPolicy } from "../policy/disaster_recovery_policy.ts";
import { stamp } from "../report/artifact.ts";
import { freeName } from "../rollback/write_bundle.ts";
import { withLock } from "../store/lock.ts";
import { checkCopy, type CheckedCopy, lastGoodCopy, missingFiles } from "./check_copy.ts";
import { removeTree } from "./copy_tree.ts";
import { asIoError } from "./disk_error.ts";
import { type Probe, type Proof, proveCopy } from "./prove_copy.ts";
import {
  DATA_FOLDER,
  LOCK_FILE,
  openRegion,
  type Pointer,
  pruneSnapshots,
  readPointer,
  SNAPSHOTS_FOLDER,
  STAGING_PREFIX,
  sweepRegion,
  writePointer,
} from "./region.ts";
import type { RecoveryPaths } from "./region_paths.ts";
import { type TakenSnapshot, takeSnapshot } from "./take_snapshot.ts";

/** A drill that is to be run. */
export interface RecoveryOrder extends RecoveryPaths {
  root: string;
  policy: DisasterRecoveryPolicy;
  /** Restore the last good copy; no new one is made. */
  fromCurrent: boolean;
  /** What must be able to read the restored copy; none when absent. */
  probe?: Probe;
  /** How the primary is called in the manifest. */
  shown: string;
  commit: string;
  correlation: { correlation_id: string; release_candidate_id: string };
  signal: AbortSignal;
  progress: (line: string) => void;
  onCopied?: (path: string) => void;
}

/** Everything a drill found. What is absent was not come to. */
export interface RecoveryResult {
  /** When the drill had the regions to itself, and when the copy was made; epoch seconds. */
  began_s: number;
  copied_s: number;
  /** Left by killed runs, removed now. */
  swept: number;
  /** The last good copy as it was before; undefined while there was none. */
  previous?: CheckedCopy;
  taken?: TakenSnapshot;
  /** The copy that was restored, read back from region A. */
  copy?: CheckedCopy;
  proof?: Proof;
  /** Whether the copy came back whole, was read by the probe, and damage to it was noticed. */
  proven: boolean;
  /** What the pointer names now; undefined while there is no good copy. */
  current?: Pointer;
  pruned: string[];
}

/**
 * A copy counts as good when it holds what it must, came back as it was, could be read, and damage
 * to it would be noticed.
 */
function isProven(copy: CheckedCopy, proof: Proof, policy: DisasterRecoveryPolicy): boolean {
  const { comparison, probe, damage } = proof;
  return copy.faults.length === 0 && missingFiles(copy, policy).length === 0 &&
    comparison.same && comparison.tree_sha256 === copy.manifest?.tree_sha256 &&
    probe?.ok !== false && damage.length > 0 && damage.every(({ detected }) => detected);
}

async function prove(order: RecoveryOrder, copy: CheckedCopy): Promise<Proof> {
  const { regionB, probe, policy, root, signal, progress } = order;
  progress(`restoring ${copy.name}, ${copy.comparison?.files ?? 0} files`);
  const entries = copy.manifest?.entries ?? [];
  const record = policy.newest_record;
  const restore = { data: join(copy.folder, DATA_FOLDER), entries, record, root, signal };
  return await proveCopy({ ...restore, ...(probe && { probe }) }, regionB);
}

/** Gives a proven copy its name, then lets the pointer name it, then removes old copies. */
async function publish(
  { regionA, policy }: RecoveryOrder,
  { name, folder, manifest }: CheckedCopy,
): Promise<string[]> {
  const snapshots = join(regionA, SNAPSHOTS_FOLDER);
  await Deno.rename(folder, join(snapshots, name));
  if (Deno.build.os !== "windows") {
    using opened = await Deno.open(snapshots);
    await opened.sync();
  }
  await writePointer(regionA, {
    snapshot: name,
    manifest_sha256: manifest?.manifest_sha256 ?? "",
    created_at: manifest?.created_at ?? 0,
    proven_at: Date.now() / 1000,
  });
  return await pruneSnapshots(regionA, policy.keep_snapshots);
}

type Begun = Pick<RecoveryResult, "began_s" | "swept" | "previous">;

async function drillAnew(order: RecoveryOrder, begun: Begun): Promise<RecoveryResult> {
  const { regionA, primary, excluded, policy, signal, progress, onCopied } = order;
  const snapshots = join(regionA, SNAPSHOTS_FOLDER);
  const staging = join(snapshots, `${STAGING_PREFIX}${crypto.randomUUID()}`);
  const name = await freeName(snapshots, `snapshot_${stamp(begun.began_s)}`);
  const about = {
    name,
    created_at: begun.began_s,
    primary: order.shown,
    commit: order.commit,
    ...order.correlation,
  };
  progress(`copying ${order.shown}, without ${excluded.join(", ") || "leaving anything out"}`);
  try {
    const attempts = policy.copy_attempts;
    const taken = await takeSnapshot({
      ...{ primary, excluded, staging, attempts, about, signal },
      ...(onCopied && { onCopied }),
    });
    const none = { ...begun, copied_s: Date.now() / 1000, taken, proven: false, pruned: [] };
    if (taken.manifest === undefined) return none;
    const copy = await checkCopy(staging, { name }, signal);
    if (copy.faults.length > 0) return { ...none, copy };
    const proof = await prove(order, copy);
    if (!isProven(copy, proof, policy)) return { ...none, copy, proof };
    return { ...none, copy, proof, proven: true, pruned: await publish(order, copy) };
  } finally {
    await removeTree(staging); // it is a snapshot by now, or worth nothing
  }
}

async function drillCurrent(order: RecoveryOrder, begun: Begun): Promise<RecoveryResult> {
  const none = { ...begun, copied_s: begun.began_s, proven: false, pruned: [] };
  const { previous: copy } = begun;
  if (copy === undefined) return none;
  if (copy.faults.length > 0) return { ...none, copy };
  const proof = await prove(order, copy);
  return { ...none, copy, proof, proven: isProven(copy, proof, order.policy) };
}

async function drill(order: RecoveryOrder): Promise<RecoveryResult> {
  const { regionA, regionB, fromCurrent } = order;
  const began_s = Date.now() / 1000;
  await openRegion(regionA, "backup_region");
  await openRegion(regionB, "restore_region");
  const swept = await sweepRegion(regionA) + await sweepRegion(regionB);
  const previous = await lastGoodCopy(regionA, order.signal);
  const begun = { began_s, swept, ...(previous && { previous }) };
  const result = fromCurrent ? await drillCurrent(order, begun) : await drillAnew(order, begun);
  const current = await readPointer(regionA);
  return { ...result, ...(current && { current }) };
}

/**
 * Copies the primary into region A, restores the copy into region B, and proves that it came back.
 * Only a proven copy gets a name and the pointer, and only then old copies go; so a run that fails or
 * is killed at any moment leaves the last good copy and the pointer as they were.
 *
 * @throws {LockBusyError} If another drill uses one of the regions.
 * @throws {IoError} If a region cannot be read or written, or the pointer is malformed.
 */
export async function runRecovery(order: RecoveryOrder): Promise<RecoveryResult> {
  const { regionA, regionB, progress } = order;
  const lock = {
    waitMs: 30_000,
    purpose: "disaster recovery drill",
    onWait: (holder: string) => progress(`waiting for ${holder}`),
  };
  const regions = [regionA, regionB].sort(); // in one order, so that two drills cannot hold each other up
  const [first = "", second = ""] = regions.map((region) => join(region, LOCK_FILE));
  try {
    // Copies may hold secrets: only the owner can look into a region.
    for (const region of regions) await Deno.mkdir(region, { recursive: true, mode: 0o700 });
    return await withLock(first, lock, () => withLock(second, lock, () => drill(order)));
  } catch (error) {
    throw asIoError(error);
  }
}
