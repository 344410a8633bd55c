/**
 * Names what happened where a chain breaks.
 *
 * The place where a chain no longer holds is not always the entry that was touched: an entry that
 * was changed together with its hash shows only at its successor. What follows the break decides,
 * because an entry is vouched for by the next one, and the last by the state file.
 *
 * @module
 */
import type { Position } from "./chain.ts";
import { type Defect, type Line, readLine } from "./entry.ts";
import type { Fault } from "./fault.ts";
import { visitLines } from "./log_lines.ts";

/** What the rest of the log says about a break. */
interface Ahead {
  /** The line that does not follow. */
  bad: Line | Defect;
  next: Line | Defect | undefined;
  /** Line on which the entry that was due stands, if it stands further on. */
  dueAt: number | undefined;
  /** Whether the entry on the bad line stands further on once more. */
  again: boolean;
  /** Whether the last entry is the one the state file names; `undefined` if that is not known. */
  endVouched: boolean | undefined;
  /** Lines more than the state file has entries; `undefined` if that is not known. */
  surplus: number | undefined;
  lines: number;
}

/** What earlier lines say about an entry that claims an earlier place. */
interface Behind {
  /** Hash of the entry at that place. */
  same: string | undefined;
  /** Hash of the entry before that place. */
  before: string | undefined;
}

/** What the state file says about the end of the log. */
export interface RecordedEnd {
  entry_count: number;
  last_hash: string;
}

/**
 * Refines the fault at which a head stopped.
 *
 * @param at Where the head stands, before the line that does not follow.
 */
export async function locate(
  path: string,
  at: Position,
  fault: Fault,
  recorded: RecordedEnd | undefined,
): Promise<Fault> {
  const ahead = await lookAhead(path, at, recorded);
  const { bad } = ahead;
  const replayed = !("defect" in bad) && bad.seq <= at.entries && intact(bad);
  const behind = replayed ? await lookBehind(path, bad.seq) : undefined;
  return { ...fault, ...nameIt(fault, at, ahead, behind) };
}

type Finding = Partial<Fault>;

function finding(kind: Fault["kind"], line: number, detail: string, through?: number): Finding {
  return { kind, entry: line, line, detail, ...(through === undefined ? {} : { through }) };
}

function nameIt(fault: Fault, at: Position, ahead: Ahead, behind: Behind | undefined): Finding {
  const here = at.entries + 1;
  const { bad, next } = ahead;
  const resumes = next !== undefined && follows(next, at);
  if ("defect" in bad) {
    return resumes ? finding("inserted", here, `a line that is no entry: ${bad.detail}`) : {};
  }
  if (behind !== undefined) return nameReplay(bad, at, ahead, behind, resumes);
  if (resumes) {
    const moved = intact(bad) && bad.seq > here && !ahead.again;
    return moved
      ? finding("reordered", here, `entry ${bad.seq} stands before entry ${here}`)
      : finding("inserted", here, `entry ${here} follows on the next line`);
  }
  if (!intact(bad)) return {};
  if (bad.seq > here) return nameGap(bad, here, ahead);
  return bad.prevHash === at.lastHash ? {} : nameBrokenLink(fault, bad, at, ahead);
}

/** The line claims a place that is already taken. */
function nameReplay(
  bad: Line,
  at: Position,
  ahead: Ahead,
  behind: Behind,
  resumes: boolean,
): Finding {
  const here = at.entries + 1;
  if (bad.entryHash === behind.same) {
    const copy = `a copy of entry ${bad.seq}`;
    const placeKept = ahead.next === undefined
      ? ahead.surplus === 0
      : seqOf(ahead.next) === here + 1;
    const replaced = !resumes && placeKept;
    return finding(replaced ? "edited" : "inserted", here, replaced ? `${copy} replaces it` : copy);
  }
  if (bad.prevHash === behind.before) {
    const longer = ahead.lines - at.entries > at.entries - bad.seq + 1;
    const earlierIsBad = !resumes && (ahead.endVouched ?? longer);
    const line = earlierIsBad ? bad.seq : here;
    const other = earlierIsBad ? here : bad.seq;
    return finding("forked", line, `lines ${line} and ${other} claim the same predecessor`);
  }
  return resumes
    ? finding("inserted", here, `entry ${here} follows on the next line`)
    : finding("edited", here, `seq is ${bad.seq} where ${here} is due`);
}

/** The line claims a later place than is due. */
function nameGap(bad: Line, here: number, ahead: Ahead): Finding {
  if (ahead.dueAt !== undefined) {
    return finding("reordered", here, `entry ${here} stands on line ${ahead.dueAt}`);
  }
  const placeKept = ahead.next === undefined
    ? ahead.endVouched === false
    : seqOf(ahead.next) === here + 1;
  if (placeKept) return finding("edited", here, `seq is ${bad.seq} where ${here} is due`);
  return finding("missing", here, `line ${here} holds entry ${bad.seq}`, bad.seq - 1);
}

/** The line has the right place and its own hash, but names another predecessor. */
function nameBrokenLink(fault: Fault, bad: Line, at: Position, ahead: Ahead): Finding {
  const here = at.entries + 1;
  const vouched = ahead.next === undefined
    ? ahead.endVouched === true
    : !("defect" in ahead.next) && ahead.next.prevHash === bad.entryHash;
  if (!vouched || here === 1) return finding("edited", here, fault.detail);
  if (ahead.endVouched === false) {
    return finding("forked", here, "from here on the log is another one");
  }
  return finding("edited", here - 1, `entry ${here} was written after another entry ${here - 1}`);
}

function intact(line: Line): boolean {
  return line.entryHash === line.computedHash;
}

function follows(line: Line | Defect, at: Position): boolean {
  return !("defect" in line) && intact(line) && line.seq === at.entries + 1 &&
    line.prevHash === at.lastHash;
}

function seqOf(line: Line | Defect): number | undefined {
  return "defect" in line ? undefined : line.seq;
}

async function lookAhead(
  path: string,
  at: Position,
  recorded: RecordedEnd | undefined,
): Promise<Ahead> {
  let bad: Line | Defect | undefined;
  let next: Line | Defect | undefined;
  let last: Line | Defect | undefined;
  let dueAt: number | undefined;
  let again = false;
  let lines = at.entries;
  await visitLines(path, at.bytes, (bytes) => {
    lines += 1;
    last = readLine(bytes);
    if (bad === undefined) bad = last;
    else {
      next ??= last;
      if (follows(last, at)) dueAt ??= lines;
      again ||= !("defect" in last) && !("defect" in bad) && last.entryHash === bad.entryHash;
    }
    return true;
  });
  if (bad === undefined) throw new Error(`Cannot name a fault in "${path}": the log has changed`);
  const endVouched = recorded === undefined || last === undefined
    ? undefined
    : !("defect" in last) && last.entryHash === recorded.last_hash;
  const surplus = recorded && lines - recorded.entry_count;
  return { bad, next, dueAt, again, endVouched, surplus, lines };
}

async function lookBehind(path: string, seq: number): Promise<Behind> {
  const behind: Behind = { same: undefined, before: seq === 1 ? "" : undefined };
  let line = 0;
  await visitLines(path, 0, (bytes) => {
    line += 1;
    if (line < seq - 1) return true;
    const read = readLine(bytes);
    const hash = "defect" in read ? undefined : read.entryHash;
    if (line === seq) behind.same = hash;
    else behind.before = hash;
    return line < seq;
  });
  return behind;
}
