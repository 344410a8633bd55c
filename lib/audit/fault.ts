/**
 * What can be wrong with an audit log, in one word each.
 *
 * About one entry: `malformed` is not an entry at all; `re_encoded` says the same in other bytes;
 * `edited` does not match its own hash, or its successor does not match it; `missing`, `inserted`,
 * `reordered` speak about its place; `forked` means two entries claim the same predecessor;
 * `clock` goes back in time.
 *
 * About the end of the log: `torn_tail` is a line without its end; `truncated` lacks entries that
 * were recorded elsewhere; `rewritten` has other entries than were recorded elsewhere.
 *
 * About what was recorded elsewhere: `state_*` for the state file, `checkpoint_*` for a checkpoint.
 */
export type FaultKind =
  | "malformed"
  | "re_encoded"
  | "edited"
  | "missing"
  | "inserted"
  | "reordered"
  | "forked"
  | "clock"
  | "torn_tail"
  | "truncated"
  | "rewritten"
  | "state_missing"
  | "state_malformed"
  | "state_edited"
  | "state_foreign"
  | "state_behind"
  | "checkpoint_malformed"
  | "checkpoint_foreign"
  | "checkpoint_unsigned"
  | "checkpoint_forked";

/** One fault and where it is; entries and lines count from 1. */
export interface Fault {
  kind: FaultKind;
  /** First entry that is not as it was written; `null` if the fault is in no entry. */
  entry: number | null;
  /** Line of the log to look at; `null` if there is none to see. */
  line: number | null;
  /** If only a range can be named: the last entry it reaches. */
  through?: number;
  detail: string;
}

/** What a writer that was stopped leaves: nothing that was acknowledged is lost or changed. */
export const UNFINISHED: readonly FaultKind[] = ["torn_tail", "state_behind"];

/** The audit log does not hold, so nothing was appended to it. */
export class AuditChainError extends Error {
  override name = "AuditChainError";
  constructor(readonly path: string, readonly fault: Fault) {
    const at = fault.line === null ? "" : ` at line ${fault.line}`;
    super(`Cannot append to "${path}": ${fault.kind}${at}, ${fault.detail}`);
  }
}
