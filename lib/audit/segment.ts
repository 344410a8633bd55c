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
}

/** A segment whose entries follow one another. */
export interface FollowedSegment {
  /** Where it claims to begin: what its first entry says about the one before. */
  begin: Position;
  firstTs: number;
  end: Position;
  /** Leaf hashes, one after the other. */
  leaves: Uint8Array<ArrayBuffer>;
}

/** How many entries a segment has. */
export function entriesOf({ begin, end }: FollowedSegment): number {
  return end.entries - begin.entries;
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
  { path, from, to }: Segment,
): Promise<FollowedSegment | undefined> {
  const bulk = new BulkFollower();
  const list = new LeafList();
  let head: ChainHead | undefined;
  let begin: Position | undefined;
  let firstTs = 0;
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
      const taken = bulk.follow(head!, rest, Infinity, new Uint8Array());
      at += taken;
      if (taken > 0) continue;
      const end = rest.indexOf(10);
      if (head!.accept(rest.subarray(0, end)) !== undefined) return false;
      at += end + 1;
    }
    return true;
  }, to);
  if (head === undefined || begin === undefined || torn !== undefined) return undefined;
  const end = head.at;
  if (end.bytes !== to) return undefined;
  const leaves = new Uint8Array(
    await new Blob([...list.parts, head.lastLeaf!] as BlobPart[]).arrayBuffer(),
  );
  return { begin, firstTs, end, leaves };
}
