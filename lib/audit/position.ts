/**
 * How far a log was verified: a file in the form of the state file, so that a later verification
 * can begin there.
 *
 * It is a convenience and proves nothing. What a verification that begins here finds is worth
 * something once the root it arrives at is that of a checkpoint, since no other lines lead there.
 *
 * @module
 */
import type { ChainHead } from "./chain.ts";
import type { AuditPaths } from "./paths.ts";
import { headAt, sizeOf } from "./resume.ts";
import { describeState, readState, writeState } from "./state.ts";

function positionPath(paths: AuditPaths): string {
  return `${paths.state.replace(/\.json$/, "")}_verified.json`;
}

/** The head after the last entry verified; `undefined` if there is none that still fits the log. */
export async function readPosition(paths: AuditPaths): Promise<ChainHead | undefined> {
  const file = await readState(positionPath(paths));
  if (file.status !== "ok" || file.state.schema_version === 1) return undefined;
  const { state } = file;
  if (state.entry_count === 0 || state.file_size > await sizeOf(paths.log)) return undefined;
  return await headAt(paths.log, state);
}

/**
 * Remembers a head whose log holds; never one before the head remembered already.
 *
 * @returns Whether the file now says so.
 */
export async function writePosition(
  paths: AuditPaths,
  head: ChainHead,
  now: number,
): Promise<boolean> {
  const path = positionPath(paths);
  const file = await readState(path);
  const { entries } = head.at;
  if (entries === 0) return false;
  if (file.status === "ok" && file.state.entry_count > entries) return false;
  await writeState(path, describeState(head, { logPath: paths.logName, now }));
  return true;
}
