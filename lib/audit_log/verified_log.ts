import { readOwnCheckpoint } from "../audit/checkpoint_store.ts";
import { UNFINISHED } from "../audit/fault.ts";
import { describeFault } from "../audit/judge_chain.ts";
import { auditPaths } from "../audit/paths.ts";
import { readCheckpoint, type SealedCheckpoint } from "../audit/sealed_checkpoint.ts";
import { NotAFileError, snapshot } from "../audit/snapshot.ts";
import { type KnownRoot, type Verification, verifyLog } from "../audit/verify.ts";
import { IoError, UsageError } from "../command/errors.ts";
import type { EvidenceTrustPolicy } from "../policy/evidence_trust_policy.ts";
import type { LogRun } from "./log_flags.ts";

/** The log, verified: nothing is signed or proved of a log that does not hold. */
export async function verifiedLog(
  run: LogRun,
  checkpoints: readonly KnownRoot[],
): Promise<Verification & { path: string; size: number }> {
  const { log, "state-file": stateFile } = run.flags;
  const paths = auditPaths(run.root, { log, stateFile });
  const { size, stateFile: state } = await snapshot(run.root, paths).catch((error) => {
    if (error instanceof NotAFileError) throw new IoError(error.message, "name the log with --log");
    throw error;
  });
  const found = await verifyLog(paths.log, { stateFile: state, checkpoints, until: size });
  const fault = found.faults.find(({ kind }) => !UNFINISHED.includes(kind));
  if (fault !== undefined) {
    const hint = "deno task verify_audit_chain says more";
    throw new IoError(`Cannot vouch for "${paths.logName}": ${describeFault(fault)}`, hint);
  }
  if (found.head.at.entries === 0) throw new UsageError(`"${paths.logName}" has no entries`);
  return { ...found, path: paths.log, size };
}

/**
 * The newest checkpoint made here; `undefined` if there is none.
 *
 * @throws {IoError} If it is not a checkpoint of this log.
 */
export async function ownCheckpoint(
  run: LogRun,
  policy: EvidenceTrustPolicy,
): Promise<{ note: string; checkpoint: SealedCheckpoint } | undefined> {
  const { log } = auditPaths(run.root, { log: run.flags.log });
  const note = await readOwnCheckpoint(log);
  if (note === undefined) return undefined;
  const read = await readCheckpoint("the newest checkpoint", note, policy, policy.origin);
  if (read.status === "invalid") throw new IoError(describeFault(read.fault));
  return { note, checkpoint: read.checkpoint };
}
