import { appendAudit, type AppendReceipt } from "../audit/append.ts";
import { type AuditRecord, AuditRecordError } from "../audit/entry.ts";
import { AuditChainError } from "../audit/fault.ts";
import type { Outcome } from "../command/command.ts";
import { IoError, UsageError } from "../command/errors.ts";
import { hasDoubtfulKeys } from "../policy/doubtful_keys.ts";
import type { LogRun } from "./log_flags.ts";

/** Appends, and says in the operator's words why a record or the log was refused. */
export async function appendEntries(
  run: LogRun & { flags: { "init-state": boolean } },
  records: AuditRecord[],
): Promise<Outcome> {
  const { log, "state-file": stateFile, "init-state": initState } = run.flags;
  let receipts: AppendReceipt[];
  try {
    receipts = await appendAudit(run.root, records, { log, stateFile, initState });
  } catch (error) {
    if (error instanceof AuditRecordError) throw new UsageError(error.message);
    if (!(error instanceof AuditChainError)) throw error;
    throw new IoError(error.message, "deno task verify_audit_chain says what is wrong");
  }
  const last = receipts.at(-1)!;
  return {
    checks: [{
      id: "entries_appended",
      ok: true,
      mode: "enforce",
      value: receipts.length,
      expect: "entries on disk",
    }],
    headline: receipts.length === 1
      ? `entry ${last.sequence} appended`
      : `${receipts.length} entries appended, the last is ${last.sequence}`,
    fields: { receipts },
    stdout: receipts.map((receipt) => `${JSON.stringify(receipt)}\n`).join(""),
  };
}

/**
 * The context of an entry from the command line.
 *
 * @throws {UsageError} If it is no JSON object, or has a key twice: only one of the two would count.
 */
export function parseContext(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new UsageError(`--context is no JSON: ${(cause as Error).message}`, undefined, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError("--context is no JSON object");
  }
  if (hasDoubtfulKeys(json, value)) {
    throw new UsageError("--context has a key that is written twice");
  }
  return value as Record<string, unknown>;
}
