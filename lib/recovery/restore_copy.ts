import { join } from "@std/path/join";
import { UsageError } from "../command/errors.ts";
import { withLock } from "../store/lock.ts";
import { checkCopy, type CheckedCopy, lastGoodCopy } from "./check_copy.ts";
import { asIoError } from "./disk_error.ts";
import { bringBack, type BroughtBack, type Probe } from "./prove_copy.ts";
import { DATA_FOLDER, LOCK_FILE, snapshotNames, SNAPSHOTS_FOLDER } from "./region.ts";

/** A copy that is wanted back. */
export interface ReturnOrder {
  /** Backup region, absolute. */
  region: string;
  /** Absolute; does not exist, or is empty. */
  target: string;
  /** Name of the copy; the last good one when absent. */
  snapshot?: string;
  probe?: Probe;
  root: string;
  signal: AbortSignal;
  progress: (line: string) => void;
}

/** What became of it. Without `back` nothing was written. */
export interface ReturnedCopy {
  /** Undefined while there is no good copy. */
  copy?: CheckedCopy;
  back?: BroughtBack;
}

async function demandEmpty(target: string): Promise<void> {
  const hint = "choose a folder that is empty or does not exist";
  try {
    for await (const { name } of Deno.readDir(target)) {
      throw new UsageError(`Cannot restore into "${target}": it holds "${name}"`, hint);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Cannot restore into "${target}": it is not a folder`, hint);
    }
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function wantedCopy(
  { region, snapshot: name, signal }: ReturnOrder,
): Promise<CheckedCopy | undefined> {
  if (name === undefined) return await lastGoodCopy(region, signal);
  return await checkCopy(join(region, SNAPSHOTS_FOLDER, name), { name }, signal);
}

async function bring(order: ReturnOrder): Promise<ReturnedCopy> {
  const { target, probe, root, signal, progress } = order;
  const copy = await wantedCopy(order);
  if (copy === undefined) return {};
  if (copy.faults.length > 0) return { copy };
  progress(`restoring ${copy.name}, ${copy.comparison?.files ?? 0} files`);
  await Deno.mkdir(target, { recursive: true, mode: 0o700 });
  const data = join(copy.folder, DATA_FOLDER);
  const entries = copy.manifest?.entries ?? [];
  const restore = { data, entries, record: undefined, root, signal, ...(probe && { probe }) };
  return { copy, back: await bringBack(restore, target) };
}

/**
 * Brings a copy back for good: into an empty folder, compared and probed. A copy that is not whole is
 * not restored.
 *
 * @throws {UsageError} If the target is not empty, or there is no copy of the name.
 * @throws {LockBusyError} If a drill uses the region.
 */
export async function restoreCopy(order: ReturnOrder): Promise<ReturnedCopy> {
  const { region, snapshot, target } = order;
  await demandEmpty(target);
  const names = await snapshotNames(region);
  if (snapshot !== undefined && !names.includes(snapshot)) {
    const there = names.length === 0 ? "no copy" : names.join(", ");
    throw new UsageError(`Cannot find the copy "${snapshot}": "${region}" holds ${there}`);
  }
  if (names.length === 0) return {}; // without making a folder for the lock
  const lock = { waitMs: 30_000, purpose: "restoring a copy" };
  try {
    return await withLock(join(region, LOCK_FILE), lock, () => bring(order));
  } catch (error) {
    throw asIoError(error);
  }
}
