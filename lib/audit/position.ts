/**
 * How far a log was verified: a file in the form of the state file, so that a later verification
 * can begin there.
 *
 * It is a convenience and proves nothing. What a verification that begins here finds is worth
 * something once the root it arrives at is that of a checkpoint, since no other lines lead there.
 *
 * @module
 */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import type { ChainHead } from "./chain.ts";
import type { AuditPaths } from "./paths.ts";
import { headAt, sizeOf } from "./resume.ts";
import { describeState, readState, writeState } from "./state.ts";

/** Where the position is remembered; a state file may lie where a verifier cannot write. */
const VERIFIED = ".data/audit/operations_audit_chain_verified.json";

/** The head after the last entry verified; `undefined` if there is none that still fits the log. */
export async function readPosition(
  root: string,
  paths: AuditPaths,
): Promise<ChainHead | undefined> {
  const file = await readState(join(root, VERIFIED));
  if (file.status !== "ok" || file.state.schema_version === 1) return undefined;
  const { state } = file;
  if (state.log_path !== paths.logName || state.entry_count === 0) return undefined;
  if (state.file_size > await sizeOf(paths.log)) return undefined;
  return await headAt(paths.log, state);
}

/**
 * Remembers a head whose log holds; never one before the head remembered already.
 *
 * @returns Whether the file now says so.
 */
export async function writePosition(
  root: string,
  paths: AuditPaths,
  head: ChainHead,
  now: number,
): Promise<boolean> {
  const path = join(root, VERIFIED);
  const file = await readState(path);
  const { entries } = head.at;
  if (entries === 0) return false;
  const known = file.status === "ok" && file.state.log_path === paths.logName;
  if (known && file.state.entry_count > entries) return false;
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeState(path, describeState(head, { logPath: paths.logName, now }));
  return true;
}
