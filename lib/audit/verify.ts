/**
 * Verifying an audit log: from its first entry, or from a position verified before; against
 * itself, and against what was recorded beside it and elsewhere. Nothing is written.
 *
 * @module
 */
import { BulkFollower, WORTH_IT } from "./bulk.ts";
import { ChainHead } from "./chain.ts";
import type { Fault } from "./fault.ts";
import { locate } from "./locate.ts";
import { type TornTail, visitRuns } from "./log_lines.ts";
import { followedSegments, LONG_LOG_BYTES } from "./segments.ts";
import { type Frontier, HASH_BYTES, sameHash } from "./merkle_tree.ts";
import {
  type RecordedState,
  STATE_MISSING,
  type StateFile,
  treeBeforeLast,
  treeOf,
} from "./state.ts";

/** A size and root the log is known to have had, from a checkpoint whose signature holds. */
export interface KnownRoot {
  /** Where it is from, for people. */
  name: string;
  size: number;
  root: Uint8Array;
}

/** What a log is compared with. */
export interface Vouchers {
  /** The state file as it was found; without one, whether there is one is not judged. */
  stateFile?: StateFile;
  /** The name the log has in a state file that was written for it. */
  logName?: string;
  checkpoints?: readonly KnownRoot[];
  /** Leaf hashes, one after the other, taken when a checkpoint was anchored. */
  leaves?: Uint8Array;
  /** Length of the log when its state file was read, bytes: what came later is not looked at. */
  until?: number;
  /** Length from which threads share the work, bytes; default 128 MiB. */
  threadsFrom?: number;
}

/** What was found. */
export interface Verification {
  /** Moved as far as the log holds. */
  head: ChainHead;
  /** Entries that were taken from the earlier position and not read again. */
  resumedFrom: number;
  /** Entries read and found to hold. */
  examined: number;
  torn: TornTail | undefined;
  /** All faults, the one about the earliest entry first. */
  faults: Fault[];
  /** Checkpoints whose root was compared, with the time of the last entry they cover. */
  compared: { name: string; lastTs: number }[];
}

const LF = 10;

/** Heads at the sizes somebody recorded. */
type Marks = Map<number, { tree: Frontier; lastHash: string; lastTs: number }>;

/**
 * Follows a log to its end or its first fault, in constant memory.
 *
 * @param head Where to begin; a fresh one reads everything. It is moved.
 * @throws {Deno.errors.NotFound} If there is no log.
 */
export async function verifyLog(
  path: string,
  vouchers: Vouchers = {},
  head: ChainHead = new ChainHead(),
): Promise<Verification> {
  const resumedFrom = head.at.entries;
  const { stateFile, leaves = new Uint8Array() } = vouchers;
  const state = stateFile?.status === "ok" ? stateFile.state : undefined;
  const checkpoints = [...vouchers.checkpoints ?? []].sort((a, b) => a.size - b.size);
  const sizes = new Set([...checkpoints.map(({ size }) => size), ...sizesOf(state)]);
  const marks: Marks = new Map();
  const mark = () => {
    const { entries, lastHash, lastTs } = head.at;
    if (sizes.has(entries)) marks.set(entries, { tree: head.tree(), lastHash, lastTs });
  };
  let broken: Fault | undefined;
  let otherLeaf: number | undefined;
  let bulk: BulkFollower | undefined;
  mark();
  const untilMark = () => {
    const { entries } = head.at;
    return Math.min(...[...sizes].filter((size) => size > entries)) - entries;
  };
  /** Follows a run of lines: in bulk as far as that goes, the line it stops at on its own. */
  const followRun = (lines: Uint8Array): boolean => {
    for (let from = 0; from < lines.length;) {
      const rest = lines.subarray(from);
      if (rest.length >= WORTH_IT) bulk ??= new BulkFollower();
      const taken = bulk?.follow(head, rest, untilMark(), leaves) ?? 0;
      from += taken;
      if (taken === 0) {
        const end = lines.indexOf(LF, from);
        broken = head.accept(lines.subarray(from, end));
        if (broken !== undefined) return false;
        if (!isLeaf(leaves, head)) otherLeaf ??= head.at.entries;
        from = end + 1;
      }
      mark();
    }
    return true;
  };
  const end = vouchers.until ?? (await Deno.stat(path)).size;
  if (end - head.at.bytes >= (vouchers.threadsFrom ?? LONG_LOG_BYTES)) {
    const largestKnown = leaves.length / HASH_BYTES;
    const { bytes: from } = head.at;
    for await (const [segment, followed] of followedSegments(path, from, end, [...sizes])) {
      const joins = followed !== undefined && head.at.entries >= largestKnown &&
        (bulk ??= new BulkFollower()).join(head, followed, mark);
      if (!joins) await visitRuns(path, segment.from, followRun, segment.to);
      if (broken !== undefined) break;
    }
  }
  const torn = end === 0 || broken !== undefined
    ? undefined
    : await visitRuns(path, head.at.bytes, followRun, end);

  const faults: Fault[] = [];
  if (broken !== undefined) faults.push(await locate(path, head.at, broken, state));
  const whole = broken === undefined;
  faults.push(...judgeLeaves(leaves, otherLeaf, head, whole));
  faults.push(...judgeCheckpoints(checkpoints, marks, { head, whole, resumedFrom }));
  if (stateFile?.status === "invalid") faults.push(stateFile.fault);
  if (stateFile?.status === "absent" && head.at.entries > 0) faults.push(STATE_MISSING);
  if (state !== undefined && whole) {
    faults.push(...judgeState(state, vouchers.logName, marks, head));
  }
  if (torn !== undefined) faults.push(tornTail(torn, head));
  return {
    head,
    resumedFrom,
    examined: head.at.entries - resumedFrom,
    torn,
    faults: inOrder(faults),
    compared: checkpoints.flatMap(({ name, size }) => {
      const mark = marks.get(size);
      return mark === undefined ? [] : [{ name, lastTs: mark.lastTs }];
    }),
  };
}

/**
 * The earliest entry first. Several records that each place a rewriting in a range place it where
 * the ranges overlap.
 */
function inOrder(faults: Fault[]): Fault[] {
  const end = (fault: Fault) => fault.through ?? fault.entry!;
  const rewritings = faults.filter(({ kind }) => kind === "rewritten").sort((a, b) =>
    end(a) - end(b)
  );
  const entry = Math.max(...rewritings.map((fault) => fault.entry!));
  const [first] = rewritings;
  const narrowed = first !== undefined && entry <= end(first)
    ? [{ ...first, entry, line: entry, through: end(first) }]
    : rewritings;
  return [...narrowed, ...faults.filter(({ kind }) => kind !== "rewritten")]
    .sort((a, b) => (a.entry ?? Infinity) - (b.entry ?? Infinity));
}

function tornTail({ offset, length }: TornTail, head: ChainHead): Fault {
  const line = head.at.entries + 1;
  const detail = `${length} bytes from offset ${offset} on have no line end`;
  return { kind: "torn_tail", entry: line, line, detail };
}

function isLeaf(leaves: Uint8Array, head: ChainHead): boolean {
  const end = head.at.entries * HASH_BYTES;
  return end > leaves.length || sameHash(leaves.subarray(end - HASH_BYTES, end), head.lastLeaf!);
}

function judgeLeaves(
  leaves: Uint8Array,
  other: number | undefined,
  head: ChainHead,
  whole: boolean,
): Fault[] {
  if (other !== undefined) {
    const detail = "another entry was anchored here";
    return [{ kind: "rewritten", entry: other, line: other, detail }];
  }
  const anchored = leaves.length / HASH_BYTES;
  return whole && anchored > head.at.entries
    ? [truncated(head, anchored, `${anchored} entries were anchored`)]
    : [];
}

function truncated(head: ChainHead, through: number, claim: string): Fault {
  const { entries } = head.at;
  const detail = `${claim}, the log holds ${entries}`;
  return { kind: "truncated", entry: entries + 1, line: null, through, detail };
}

function judgeCheckpoints(
  checkpoints: KnownRoot[],
  marks: Marks,
  { head, whole, resumedFrom }: { head: ChainHead; whole: boolean; resumedFrom: number },
): Fault[] {
  let holds = resumedFrom;
  for (const { name, size, root } of checkpoints) {
    if (size > head.at.entries) {
      return whole ? [truncated(head, size, `${name} has ${size} entries`)] : [];
    }
    const mark = marks.get(size);
    if (mark === undefined) continue;
    if (!sameHash(mark.tree.root(), root)) {
      const entry = holds + 1;
      const detail = `${name} has another root for ${size} entries`;
      return [{ kind: "rewritten", entry, line: entry, through: size, detail }];
    }
    holds = size;
  }
  return [];
}

/** Sizes at which the subtrees of a state's right edge end. */
function sizesOf(state: RecordedState | undefined): number[] {
  if (state === undefined) return [];
  const sizes = [state.entry_count, state.entry_count - 1];
  for (let rest = state.entry_count, end = 0; rest > 0;) {
    const width = 2 ** Math.floor(Math.log2(rest));
    sizes.push(end += width);
    rest -= width;
  }
  return sizes;
}

function judgeState(
  state: RecordedState,
  logName: string | undefined,
  marks: Marks,
  head: ChainHead,
): Fault[] {
  const count = state.entry_count;
  const { entries } = head.at;
  const atCount = marks.get(count);
  const differs = firstDifference(state, marks);
  const otherHash = atCount !== undefined && count > 0 && atCount.lastHash !== state.last_hash;
  if (differs !== undefined || otherHash) {
    if (logName !== undefined && state.log_path !== logName) {
      const detail = `it was written for "${state.log_path}"`;
      return [{ kind: "state_foreign", entry: null, line: null, detail }];
    }
    const { from, through } = differs ?? { from: count, through: count };
    const detail = "the state file recorded another entry";
    return [{ kind: "rewritten", entry: from, line: from, through, detail }];
  }
  if (count > entries) return [truncated(head, count, `the state file recorded ${count} entries`)];
  if (count === entries) return [];
  const line = count + 1;
  const detail = `the state file recorded ${count} of ${entries} entries: a writer was stopped, ` +
    "or the file was put back";
  return [{ kind: "state_behind", entry: line, line, through: entries, detail }];
}

/** The first range of entries whose subtree is not the recorded one, as narrow as can be told. */
function firstDifference(
  state: RecordedState,
  marks: Marks,
): { from: number; through: number } | undefined {
  if (state.schema_version === 1 || state.entry_count === 0) return undefined;
  const count = state.entry_count;
  const beforeLast = marks.get(count - 1);
  const sameBefore = beforeLast !== undefined &&
    sameHash(beforeLast.tree.root(), treeBeforeLast(state).root());
  let start = 0;
  for (const node of treeOf(state).nodes) {
    const width = 2 ** Math.floor(Math.log2(count - start));
    const mark = marks.get(start + width);
    if (mark === undefined) return undefined;
    if (!sameHash(mark.tree.nodes.at(-1)!, node)) {
      return { from: sameBefore ? count : start + 1, through: start + width };
    }
    start += width;
  }
  return undefined;
}
