/**
 * Appending to the audit log.
 *
 * An entry counts from the moment its line end is on disk. The order is: lock, compare the end of
 * the log with the state file, write all lines at once, flush, replace the state file, unlock. A
 * writer stopped anywhere in between leaves at most one unfinished line, which the next append
 * moves to quarantine and records, or whole entries that the state file does not know, which the
 * next append follows and records.
 *
 * @module
 */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { lockPathFor, withLock } from "../store/lock.ts";
import { writeAtomic } from "../store/write_atomic.ts";
import { ChainHead } from "./chain.ts";
import { type AuditRecord, composeLine } from "./entry.ts";
import type { TornTail } from "./log_lines.ts";
import { type AuditPaths, auditPaths } from "./paths.ts";
import { resume, type Resumed, sizeOf } from "./resume.ts";
import { sha256 } from "./sha256.ts";
import { describeState, readState, type StateFile, writeState } from "./state.ts";

export type { AuditRecord } from "./entry.ts";

/** Proof for the caller that its entry is on disk. */
export interface AppendReceipt {
  /** `seq` of the entry, first is 1. */
  sequence: number;
  entry_hash: string;
  /** The log, relative to the root with `/`; absolute if it lies outside. */
  path: string;
}

export interface AppendOptions {
  /** Default `.data/audit/operations_audit_chain.ndjson`; relative paths are taken from the root. */
  log?: string;
  /** Default `.data/audit/operations_audit_chain_state.json`. */
  stateFile?: string;
  /** Epoch milliseconds. */
  now?: () => number;
  /** How long to wait for another writer, milliseconds; default 10 000. */
  waitMs?: number;
  /** Begin a state file for a log that has none, after following the whole log. */
  initState?: boolean;
}

/**
 * Appends records to the audit log of a root, all or none, and returns once they are on disk.
 *
 * Entries never go back in time: while the clock is behind the last entry they carry its time and
 * `clock_skew_ms`.
 *
 * @throws {AuditRecordError} If a record could not be verified later; nothing was written.
 * @throws {AuditChainError} If the end of the log is not as it was left; nothing was written.
 * @throws {LockBusyError} If another writer held the log for longer than `waitMs`.
 */
export function appendAudit(
  root: string,
  records: AuditRecord | AuditRecord[],
  { now = Date.now, waitMs = 10_000, initState = false, ...files }: AppendOptions = {},
): Promise<AppendReceipt[]> {
  const paths = auditPaths(root, files);
  const batch = Array.isArray(records) ? records : [records];
  if (batch.length === 0) return Promise.resolve([]);
  const lock = lockPathFor(root, paths.log);
  return withLock(lock, { waitMs, purpose: "audit log append" }, async () => {
    await Deno.mkdir(dirname(paths.log), { recursive: true });
    await Deno.mkdir(dirname(paths.state), { recursive: true });
    const state = await beginState(paths, await readState(paths.state), now());
    const found = await resume(paths.log, state, { initState });
    const { head, torn } = found;
    const recovered = await recoveries(paths, found, initState && state.status === "absent");
    const from = head.at.bytes;
    const { lines, receipts } = follow(head, [...recovered, ...batch], paths.logName, now);
    await writeLines(paths.log, from, lines, torn);
    await writeState(paths.state, describeState(head, { logPath: paths.logName, now: now() }));
    return receipts.slice(recovered.length);
  });
}

/**
 * A log without entries gets its state file first, so that a log which has entries but no state
 * file is never the trace of a stopped writer.
 */
async function beginState(paths: AuditPaths, found: StateFile, now: number): Promise<StateFile> {
  if (found.status !== "absent" || await sizeOf(paths.log) > 0) return found;
  const state = describeState(new ChainHead(), { logPath: paths.logName, now });
  await writeState(paths.state, state);
  return { status: "ok", state };
}

/** Moves the head over the entries for these records; gives their lines, joined. */
function follow(
  head: ChainHead,
  records: AuditRecord[],
  path: string,
  now: () => number,
): { lines: Uint8Array; receipts: AppendReceipt[] } {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const receipts = records.map((record) => {
    const clock = Math.round(now()) / 1000;
    const { entries, lastHash, lastTs } = head.at;
    const line = composeLine(record, {
      seq: entries + 1,
      prevHash: lastHash,
      ts: Math.max(clock, lastTs),
      clockSkewMs: Math.round((lastTs - clock) * 1000),
    });
    const fault = head.accept(line);
    if (fault !== undefined) throw new Error(`Cannot follow an entry just made: ${fault.detail}`);
    parts.push(line, LINE_END);
    return { sequence: entries + 1, entry_hash: head.at.lastHash, path };
  });
  const lines = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    lines.set(part, at);
    at += part.length;
  }
  return { lines, receipts };
}

const LINE_END = Uint8Array.of(10);

/**
 * Puts lines at the end of the log, over an unfinished one if there is one, and flushes them.
 *
 * The unfinished line is overwritten rather than cut off first, so there is no moment in which it
 * is gone and the entry about it is not there.
 */
async function writeLines(
  path: string,
  offset: number,
  lines: Uint8Array,
  torn: TornTail | undefined,
): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  await file.seek(offset, Deno.SeekMode.Start);
  for (let at = 0; at < lines.length;) at += await file.write(lines.subarray(at));
  if (torn !== undefined && torn.length > lines.length) await file.truncate(offset + lines.length);
  await file.sync();
  if (offset === 0 && Deno.build.os !== "windows") {
    using folder = await Deno.open(dirname(path));
    await folder.sync();
  }
}

/** What an earlier writer left unfinished, as entries of its own. */
async function recoveries(
  paths: AuditPaths,
  { torn, unrecorded, head }: Resumed,
  stateBegun: boolean,
): Promise<AuditRecord[]> {
  const contexts: Record<string, unknown>[] = [];
  const { entries } = head.at;
  if (stateBegun) contexts.push({ reason: "state_begun", entry_count: entries });
  else if (unrecorded > 0) {
    contexts.push({ reason: "state_behind", entry_count: entries, unrecorded });
  }
  if (torn !== undefined) contexts.push(await quarantine(paths.log, torn));
  return contexts.map((context) => ({
    action: "audit_recovery",
    actor: "audit-log",
    source: "audit_append",
    status: "ok",
    context,
    correlation: { correlation_id: "", release_candidate_id: "", run_id: "" },
  }));
}

/** Copies an unfinished line next to the log, where it can be looked at. */
async function quarantine(log: string, torn: TornTail): Promise<Record<string, unknown>> {
  const bytes = (await Deno.readFile(log)).subarray(torn.offset);
  const digest = sha256(bytes).toHex();
  const folder = join(dirname(log), "quarantine");
  await Deno.mkdir(folder, { recursive: true });
  const name = `torn_${torn.offset}_${digest.slice(0, 16)}.bin`;
  await writeAtomic(join(folder, name), bytes);
  return {
    reason: "torn_tail",
    offset: torn.offset,
    length: torn.length,
    sha256: digest,
    quarantine: `quarantine/${name}`,
  };
}
