import { isAbsolute } from "@std/path/is-absolute";
import { lockPathFor, withLock } from "../store/lock.ts";
import type { AuditPaths } from "./paths.ts";
import { sizeOf } from "./resume.ts";
import { readState, type StateFile } from "./state.ts";

/** What stands where the log or its state file should be is something else. */
export class NotAFileError extends Error {
  override name = "NotAFileError";
  constructor(readonly path: string) {
    super(`Cannot read "${path}": it is not a file`);
  }
}

/** A log at one moment between two appends. */
export interface Snapshot {
  /** Length of the log, bytes; 0 if there is none. */
  size: number;
  stateFile: StateFile;
}

/**
 * Looks at log and state file while no writer holds them. A log outside the root is looked at
 * without its lock, which may lie where nothing can be written.
 *
 * @throws {NotAFileError} If log or state file is a folder or a device.
 * @throws {LockBusyError} If a writer held the log for longer than `waitMs`.
 */
export function snapshot(root: string, paths: AuditPaths, waitMs = 10_000): Promise<Snapshot> {
  const look = async () => {
    for (const path of [paths.log, paths.state]) await demandFile(path);
    return { stateFile: await readState(paths.state), size: await sizeOf(paths.log) };
  };
  if (isAbsolute(paths.logName)) return look();
  const lock = lockPathFor(root, paths.log);
  return withLock(lock, { waitMs, purpose: "audit log verification" }, look);
}

async function demandFile(path: string): Promise<void> {
  try {
    if (!(await Deno.stat(path)).isFile) throw new NotAFileError(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
