import { appendAudit, type AppendReceipt } from "../audit/append.ts";
import { AuditChainError } from "../audit/fault.ts";
import type { Values } from "../command/flag.ts";
import { type Check, notApplicable } from "../report/check.ts";
import type { Correlation } from "../report/report.ts";
import type { AUDIT_FLAGS } from "../rollout/change_registry.ts";
import { LockBusyError } from "../store/lock.ts";

/** One thing done, for the audit log. */
export interface AuditNote {
  action: string;
  source: string;
  ok: boolean;
  context: Record<string, unknown>;
}

/** The row and the field of a report about its audit record. */
export interface AuditOutcome {
  check: Check;
  audit: { ok: boolean; skipped?: true; entry?: AppendReceipt; error?: string };
}

/**
 * Puts something that was done on record. A log that cannot take it is reported, and enforced under
 * `--audit-strict`; what was done stands either way.
 */
export async function recordAudit(
  run: { root: string; correlation: Correlation; flags: Values<typeof AUDIT_FLAGS> },
  { action, source, ok, context }: AuditNote,
): Promise<AuditOutcome> {
  const { flags } = run;
  const id = "audit_chain_recorded";
  const expect = "an entry in the audit log";
  if (flags["skip-audit-log"]) {
    const check = notApplicable(id, expect, "left out by --skip-audit-log");
    return { check, audit: { ok: true, skipped: true } };
  }
  const actor = flags["audit-actor"] ?? "release-bot";
  const status = ok ? "ok" : "failed";
  const record = { action, actor, source, status, context, correlation: run.correlation };
  const files = { log: flags["audit-log"], stateFile: flags["audit-state-file"] };
  const mode = flags["audit-strict"] ? "enforce" as const : "warn" as const;
  try {
    const [entry] = await appendAudit(run.root, record, files);
    const check: Check = { id, ok: true, mode, value: entry?.sequence ?? null, expect };
    return { check, audit: { ok: true, ...(entry === undefined ? {} : { entry }) } };
  } catch (error) {
    if (!(error instanceof AuditChainError || error instanceof LockBusyError)) throw error;
    const hint = "run deno task verify_audit_chain to see what is wrong with the log";
    const check: Check = { id, ok: false, mode, value: error.message, expect, hint };
    return { check, audit: { ok: false, error: error.message } };
  }
}
