import type { Check, Mode } from "../report/check.ts";
import type { Fault, FaultKind } from "./fault.ts";
import type { Verification } from "./verify.ts";

/** How many faults a check lists. */
const MOST_FAULTS = 20;

/** How strictly the rows are to be taken. */
export interface ChainModes {
  /** Mode of what a stopped writer leaves behind. */
  gate: Mode;
  requireState: boolean;
  /** How reports name the log. */
  log: string;
}

interface Row {
  id: string;
  kinds: FaultKind[];
  expect: string;
  hint: string;
  mode?: (modes: ChainModes) => Mode;
}

const TAMPERED = "keep the files as they are and follow docs/AUDIT_TRAIL_INTEGRITY.md, section " +
  '"When verification fails"';
const NEXT_APPEND = "the next append records what was left unfinished: deno task audit_log append";

/** What is judged, in order. Faults of entries, of the log's end, of the state file. */
const ROWS: readonly Row[] = [
  {
    id: "audit_log_parse_ok",
    kinds: ["malformed"],
    expect: "every line is an entry",
    hint: TAMPERED,
  },
  {
    id: "audit_entries_canonical",
    kinds: ["re_encoded"],
    expect: "every entry is in its one spelling (RFC 8785)",
    hint: TAMPERED,
  },
  {
    id: "audit_entry_hash_match",
    kinds: ["edited"],
    expect: "every entry has the hash it and its successor name",
    hint: TAMPERED,
  },
  {
    id: "audit_seq_continuous",
    kinds: ["missing", "inserted", "reordered"],
    expect: "entries 1, 2, 3, ... without gap or addition",
    hint: TAMPERED,
  },
  {
    id: "audit_prev_hash_linked",
    kinds: ["forked"],
    expect: "every entry names the one before it",
    hint: TAMPERED,
  },
  {
    id: "audit_ts_monotonic",
    kinds: ["clock"],
    expect: "no entry is older than the one before it",
    hint: TAMPERED,
  },
  {
    id: "audit_size_not_shrunk",
    kinds: ["truncated"],
    expect: "all entries that were recorded elsewhere",
    hint: TAMPERED,
  },
  {
    id: "audit_root_match",
    kinds: ["rewritten"],
    expect: "the entries that were recorded elsewhere",
    hint: TAMPERED,
  },
  {
    id: "audit_torn_tail",
    kinds: ["torn_tail"],
    expect: "the log ends with a whole line",
    hint: NEXT_APPEND,
    mode: ({ gate }) => gate,
  },
  {
    id: "audit_state_valid",
    kinds: ["state_malformed", "state_edited"],
    expect: "a state file as it was written",
    hint: TAMPERED,
  },
  {
    id: "audit_append_only_state_continuity",
    kinds: ["state_foreign"],
    expect: "the state file of this log",
    hint: TAMPERED,
  },
  {
    id: "audit_state_present",
    kinds: ["state_missing"],
    expect: "a state file beside a log with entries",
    hint: TAMPERED,
    mode: ({ requireState }) => requireState ? "enforce" : "warn",
  },
  {
    id: "audit_state_current",
    kinds: ["state_behind"],
    expect: "the state file knows the last entry",
    hint: NEXT_APPEND,
    mode: ({ gate }) => gate,
  },
  {
    id: "audit_checkpoint_valid",
    kinds: ["checkpoint_malformed", "checkpoint_foreign", "checkpoint_unsigned"],
    expect: "checkpoints of this log, signed as the trust policy asks",
    hint: "get the checkpoint again from where it was anchored; deno task audit_log checkpoint " +
      "makes a new one",
  },
  {
    id: "audit_checkpoint_single",
    kinds: ["checkpoint_forked"],
    expect: "one root for each size",
    hint: TAMPERED,
  },
];

/**
 * The rows for what a verification found: the same rows for every log, whatever its length.
 *
 * @param faults Those of the verification, and of what it was compared with.
 */
export function judgeChain(
  { examined, resumedFrom }: Pick<Verification, "examined" | "resumedFrom">,
  faults: readonly Fault[],
  modes: ChainModes,
): Check[] {
  return ROWS.map(({ id, kinds, expect, hint, mode }) => {
    const own = faults.filter(({ kind }) => kinds.includes(kind));
    const line = own[0]?.line;
    return {
      id,
      ok: own.length === 0,
      mode: mode?.(modes) ?? "enforce",
      value: own.length === 0 ? { examined, resumed_from: resumedFrom } : {
        examined,
        resumed_from: resumedFrom,
        faults: own.slice(0, MOST_FAULTS).map(describeFault),
      },
      expect,
      ...(own.length === 0
        ? {}
        : { hint, location: { file: modes.log, ...(line ? { line } : {}) } }),
    };
  });
}

/** The fault in words: what, where. */
export function describeFault(fault: Fault): string {
  const { kind, entry, through, line, detail } = fault;
  const name = kind.replaceAll("_", " ");
  if (entry === null) return `${name}: ${detail}`;
  const entries = through === undefined || through === entry
    ? `entry ${entry}`
    : `entries ${entry} to ${through}`;
  return `${entries}${line === null ? "" : ` on line ${line}`} ${name}: ${detail}`;
}
