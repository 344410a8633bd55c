/**
 * A stretch of a long log, followed apart from what comes before it.
 *
 * @module
 */
import { BulkFollower } from "./bulk.ts";
import { ChainHead, type Position } from "./chain.ts";
import { readLine } from "./entry.ts";
import { visitRuns } from "./log_lines.ts";
import { Frontier } from "./merkle_tree.ts";

/** Whole lines of a log, by offsets in bytes. */
export interface Segment {
  path: string;
  from: number;
  to: number;
  /** Entry counts at which its follower halts, so that somebody can look at the tree there. */
  halts: readonly number[];
}

/** A segment whose entries follow one another. */
export interface FollowedSegment {
  /** Where it claims to begin: what its first entry says about the one before. */
  begin: Position;
  firstTs: number;
  /** Where its follower halted, the end of the segment last. */
  positions: Position[];
  /** Leaf hashes, one after the other. */
  leaves: Uint8Array<ArrayBuffer>;
}

/** Keeps leaves instead of building a tree. */
class LeafList extends Frontier {
  readonly parts: Uint8Array[] = [];
  override push(leaf: Uint8Array): void {
    this.parts.push(leaf);
  }
  override pushAll(leaves: Uint8Array): void {
    this.parts.push(leaves);
  }
}

/** Follows a segment; `undefined` if it does not hold to its end, and somebody must look closer. */
export async function followSegment(
  { path, from, to, halts }: Segment,
): Promise<FollowedSegment | undefined> {
  const bulk = new BulkFollower();
  const list = new LeafList();
  let head: ChainHead | undefined;
  let begin: Position | undefined;
  let firstTs = 0;
  const positions: Position[] = [];
  const start = (line: Uint8Array): boolean => {
    const first = readLine(line);
    if ("defect" in first || first.version === 1) return false;
    firstTs = first.ts;
    begin = {
      entries: first.seq - 1,
      bytes: from,
      lastHash: first.prevHash,
      lastPrevHash: "",
      lastTs: 0,
      predecessorEntries: 0,
    };
    head = new ChainHead(begin, list);
    return true;
  };
  const torn = await visitRuns(path, from, (lines) => {
    if (head === undefined && !start(lines.subarray(0, lines.indexOf(10)))) return false;
    for (let at = 0; at < lines.length;) {
      const rest = lines.subarray(at);
      const halt = Math.min(...halts.filter((count) => count > head!.at.entries));
      const taken = bulk.follow(head!, rest, halt - head!.at.entries, new Uint8Array());
      at += taken;
      if (taken === 0) {
        const end = rest.indexOf(10);
        if (head!.accept(rest.subarray(0, end)) !== undefined) return false;
        at += end + 1;
      }
      if (head!.at.entries === halt) positions.push(head!.at);
    }
    return true;
  }, to);
  if (head === undefined || begin === undefined || torn !== undefined) return undefined;
  const end = head.at;
  if (end.bytes !== to) return undefined;
  if (positions.at(-1)?.entries !== end.entries) positions.push(end);
  const leaves = new Uint8Array(
    await new Blob([...list.parts, head.lastLeaf!] as BlobPart[]).arrayBuffer(),
  );
  return { begin, firstTs, positions, leaves };
}
