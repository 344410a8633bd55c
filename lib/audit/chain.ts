import { type Line, readLine } from "./entry.ts";
import type { Fault } from "./fault.ts";
import { Frontier, HASH_BYTES, leafHash } from "./merkle_tree.ts";

/** Where a head stands. */
export interface Position {
  /** Entries so far. */
  entries: number;
  /** Length of the log up to here, bytes. */
  bytes: number;
  /** Hash of the last entry; empty before the first. */
  lastHash: string;
  /** `prev_hash` of the last entry. */
  lastPrevHash: string;
  /** Epoch seconds of the last entry; 0 before the first. */
  lastTs: number;
  /** Entries of the older form; they come before all others. */
  predecessorEntries: number;
}

const GENESIS: Position = {
  entries: 0,
  bytes: 0,
  lastHash: "",
  lastPrevHash: "",
  lastTs: 0,
  predecessorEntries: 0,
};

/**
 * How far a log has been followed, and the one rule by which it goes on.
 *
 * Appending and verifying both move a head over lines, so what one writes the other accepts.
 */
export class ChainHead {
  #at: Position;
  /** The tree without the last leaf. */
  #tree: Frontier;
  #lastLeaf: Uint8Array | undefined;

  /**
   * Starts at the beginning, or after the entry whose leaf hash is `lastLeaf`.
   *
   * @param before The tree up to, not including, that entry.
   */
  constructor(at: Position = GENESIS, before: Frontier = new Frontier(), lastLeaf?: Uint8Array) {
    this.#at = at;
    this.#tree = before;
    this.#lastLeaf = lastLeaf;
  }

  /** Where the head stands now; a copy. */
  get at(): Position {
    return { ...this.#at };
  }

  /** Right edge of the tree before the last entry: the proof that this entry is in the tree. */
  get before(): readonly Uint8Array[] {
    return this.#tree.nodes;
  }

  /** The Merkle tree over all lines so far; a copy. */
  tree(): Frontier {
    const tree = this.#tree.clone();
    if (this.#lastLeaf !== undefined) tree.push(this.#lastLeaf);
    return tree;
  }

  /** Leaf hash of the last line. */
  get lastLeaf(): Uint8Array | undefined {
    return this.#lastLeaf;
  }

  /** Takes the next line, its end removed; if it does not follow, says why and stays put. */
  accept(bytes: Uint8Array): Fault | undefined {
    const here = this.#at.entries + 1;
    const line = readLine(bytes);
    if ("defect" in line) {
      return { kind: line.defect, entry: here, line: here, detail: line.detail };
    }
    const fault = this.#faultOf(line);
    if (fault === undefined) this.advance(line, bytes.length, leafHash(bytes));
    return fault && { ...fault, entry: here, line: here };
  }

  #faultOf(line: Line): Pick<Fault, "kind" | "detail"> | undefined {
    const { entries, lastHash, lastTs, predecessorEntries } = this.#at;
    if (line.computedHash !== line.entryHash) {
      return { kind: "edited", detail: "the entry does not match its entry_hash" };
    }
    if (line.seq !== entries + 1) {
      return { kind: "missing", detail: `seq is ${line.seq} where ${entries + 1} is due` };
    }
    if (line.prevHash !== lastHash) {
      return { kind: "forked", detail: "prev_hash is not the hash of the entry before" };
    }
    if (line.ts < lastTs) {
      return { kind: "clock", detail: `ts is ${line.ts}, the entry before has ${lastTs}` };
    }
    if (line.version === 1 && predecessorEntries < entries) {
      return { kind: "malformed", detail: "schema_version goes back to 1" };
    }
    return undefined;
  }

  /**
   * Moves on over many lines that have been found to follow.
   *
   * @param leaves Their leaf hashes, one after the other.
   * @param combine As in `Frontier.pushAll`.
   */
  advanceAll(at: Position, leaves: Uint8Array, combine: (pairs: Uint8Array) => Uint8Array): void {
    if (this.#lastLeaf !== undefined) this.#tree.push(this.#lastLeaf);
    const last = leaves.length - HASH_BYTES;
    this.#tree.pushAll(leaves.subarray(0, last), combine);
    this.#lastLeaf = leaves.slice(last);
    this.#at = { ...at };
  }

  /** Moves on over a line that has been found to follow. */
  advance(line: Omit<Line, "computedHash">, length: number, leaf: Uint8Array): void {
    if (this.#lastLeaf !== undefined) this.#tree.push(this.#lastLeaf);
    this.#lastLeaf = leaf;
    const at = this.#at;
    this.#at = {
      entries: at.entries + 1,
      bytes: at.bytes + length + 1,
      lastHash: line.entryHash,
      lastPrevHash: line.prevHash,
      lastTs: line.ts,
      predecessorEntries: at.predecessorEntries + (line.version === 1 ? 1 : 0),
    };
  }
}
