import { isAbsolute } from "@std/path/is-absolute";
import { lockPathFor, withLock } from "../store/lock.ts";
import type { AuditPaths } from "./paths.ts";
import { sizeOf } from "./resume.ts";
import { readState, type StateFile } from "./state.ts";

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
 * @throws {LockBusyError} If a writer held the log for longer than `waitMs`.
 */
export function snapshot(root: string, paths: AuditPaths, waitMs = 10_000): Promise<Snapshot> {
  const look = async () => ({
    stateFile: await readState(paths.state),
    size: await sizeOf(paths.log),
  });
  if (isAbsolute(paths.logName)) return look();
  const lock = lockPathFor(root, paths.log);
  return withLock(lock, { waitMs, purpose: "audit log verification" }, look);
}
