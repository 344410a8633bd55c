/**
 * Following many ordinary lines of a log at once.
 *
 * What this moves a head over, `ChainHead.accept` would have moved it over one by one: lines that
 * are certainly canonical, number the next entries, name their predecessor, and have the hash they
 * claim. At the first line that is not so it stops, and leaves that line to `accept`.
 *
 * @module
 */
import type { ChainHead, Position } from "./chain.ts";
import { HASH_BYTES } from "./merkle_tree.ts";
import type { FollowedSegment } from "./segment.ts";
import { HASH_MEMBER_BYTES, LineScanner } from "./scan_line.ts";
import { pad, paddedLength } from "./sha256.ts";
import { Lanes } from "./sha256_lanes.ts";

/** Lines that are taken at a time. */
const BATCH = 512;

/** Room for the messages of a batch of ordinary lines, bytes; a fuller batch is cut short. */
const ROOM = 2 << 20;

/** Fewer bytes than this are left to `accept`: setting up costs more. */
export const WORTH_IT = 1 << 16;

const LF = 10;
const HEX = Uint8Array.from({ length: 128 }, (_, c) => {
  return c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : 0;
});

/** One for each log that is read; holds the memory its lines are hashed in. */
export class BulkFollower {
  readonly #lanes: Lanes = new Lanes(ROOM);
  readonly #scanner: LineScanner = new LineScanner();
  readonly #utf8: TextDecoder = new TextDecoder("utf-8", { fatal: true });
  /** Per message: where it lies, its blocks, its digest. Lines have two: entry, then leaf. */
  readonly #at: Int32Array = new Int32Array(2 * BATCH);
  readonly #blocks: Int32Array = new Int32Array(2 * BATCH);
  readonly #digests: Int32Array = new Int32Array(2 * BATCH * 8);
  /** Per line: where it ends, its time, where its hashes stand. */
  readonly #ends: Int32Array = new Int32Array(BATCH);
  readonly #times: Float64Array = new Float64Array(BATCH);
  readonly #hashes: Int32Array = new Int32Array(BATCH);
  #used = 0;

  /**
   * Moves the head over as many of the lines as certainly follow.
   *
   * @param bytes Whole lines with their ends.
   * @param most Entries it may move over at most.
   * @param known Leaf hashes the entries must have, as far as they reach.
   * @returns Bytes it moved over.
   */
  follow(head: ChainHead, bytes: Uint8Array, most: number, known: Uint8Array): number {
    let done = 0;
    for (let left = most; left > 0;) {
      const count = this.#batch(head, bytes, done, Math.min(left, BATCH), known);
      if (count === 0) break;
      done = this.#ends[count - 1]! + 1;
      left -= count;
    }
    return done;
  }

  /** Moves the head over a segment that was followed apart, if it goes on where the head stands. */
  join(head: ChainHead, { begin, firstTs, end, leaves }: FollowedSegment): boolean {
    const { at } = head;
    const joins = begin.entries === at.entries && begin.bytes === at.bytes &&
      begin.lastHash === at.lastHash && firstTs >= at.lastTs;
    if (!joins) return false;
    const next = { ...end, predecessorEntries: at.predecessorEntries };
    head.advanceAll(next, leaves, (pairs) => this.#combine(pairs));
    return true;
  }

  #batch(
    head: ChainHead,
    bytes: Uint8Array,
    from: number,
    most: number,
    known: Uint8Array,
  ): number {
    const scanned = this.#scan(head.at, bytes, from, most);
    if (scanned === 0) return 0;
    this.#hashAll(2 * scanned);
    let count = 0;
    while (count < scanned && this.#hasHash(bytes, this.#hashes[count]!, 2 * count)) count += 1;
    const leaves = this.#leaves(count);
    const offset = head.at.entries * HASH_BYTES;
    for (let i = 0; i < leaves.length && offset + i < known.length; i++) {
      if (leaves[i] !== known[offset + i]) count = Math.min(count, Math.floor(i / HASH_BYTES));
    }
    if (count === 0) return 0;
    const start = head.at;
    head.advanceAll(
      this.#position(start, bytes, from, count),
      leaves.subarray(0, count * HASH_BYTES),
      (pairs) => this.#combine(pairs),
    );
    return count;
  }

  #position(start: Position, bytes: Uint8Array, from: number, count: number): Position {
    const digits = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 64));
    const before = count === 1 ? start.lastHash : digits(this.#hashes[count - 2]!);
    return {
      entries: start.entries + count,
      bytes: start.bytes + this.#ends[count - 1]! + 1 - from,
      lastHash: digits(this.#hashes[count - 1]!),
      lastPrevHash: before,
      lastTs: this.#times[count - 1]!,
      predecessorEntries: start.predecessorEntries,
    };
  }

  /** Scans lines and lays out their messages, up to the first that does not certainly follow. */
  #scan(at: Position, bytes: Uint8Array, from: number, most: number): number {
    const scanner = this.#scanner;
    this.#used = Lanes.FIRST;
    let seq = at.entries, ts = at.lastTs, start = from, count = 0;
    for (; count < most; count++) {
      const end = scanner.scanFrom(bytes, start);
      if (end < 0 || bytes[end] !== LF || scanner.seq !== ++seq || scanner.ts < ts) break;
      if (this.#used + 2 * (end - start) + 256 > ROOM) break;
      if (!this.#isLinked(bytes, count, at.lastHash)) break;
      if (scanner.beyondAscii && !this.#isUtf8(bytes.subarray(start, end))) break;
      ts = scanner.ts;
      this.#layOut(bytes, start, end, count);
      start = end + 1;
    }
    return count;
  }

  /** Whether the scanned line names the one before it, by the digits that stand there. */
  #isLinked(bytes: Uint8Array, count: number, lastHash: string): boolean {
    const { prevHash, prevLength } = this.#scanner;
    if (count === 0) {
      if (prevLength !== lastHash.length) return false;
      for (let i = 0; i < prevLength; i++) {
        if (bytes[prevHash + i] !== lastHash.charCodeAt(i)) return false;
      }
      return true;
    }
    const before = this.#hashes[count - 1]!;
    for (let i = 0; i < 64; i++) if (bytes[prevHash + i] !== bytes[before + i]) return false;
    return prevLength === 64;
  }

  #isUtf8(line: Uint8Array): boolean {
    try {
      this.#utf8.decode(line);
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }

  /** Puts the two messages of a line into memory: it without its hash, and it as a leaf. */
  #layOut(bytes: Uint8Array, start: number, end: number, count: number): void {
    const memory = this.#lanes.bytes;
    const cut = this.#scanner.hashMember;
    const entry = this.#used;
    memory.set(bytes.subarray(start, cut), entry);
    memory.set(bytes.subarray(cut + HASH_MEMBER_BYTES, end), entry + cut - start);
    const leaf = this.#reserve(2 * count, end - start - HASH_MEMBER_BYTES);
    memory[leaf] = 0;
    memory.set(bytes.subarray(start, end), leaf + 1);
    this.#reserve(2 * count + 1, end - start + 1);
    this.#ends[count] = end;
    this.#times[count] = this.#scanner.ts;
    this.#hashes[count] = cut + 14;
  }

  /** Ends the message that was written at the next free place; gives the place after it. */
  #reserve(message: number, length: number): number {
    const padded = paddedLength(length);
    pad(this.#lanes.bytes, this.#used, length);
    this.#at[message] = this.#used;
    this.#blocks[message] = padded / 64;
    return this.#used += padded;
  }

  /** Hashes all messages, four of equal length at a time. */
  #hashAll(messages: number): void {
    const waiting = new Map<number, number[]>();
    for (let message = 0; message < messages; message++) {
      const blocks = this.#blocks[message]!;
      const group = waiting.get(blocks);
      if (group === undefined) waiting.set(blocks, [message]);
      else if (group.push(message) === 4) {
        this.#hashFour(group, blocks);
        group.length = 0;
      }
    }
    for (const [blocks, group] of waiting) if (group.length > 0) this.#hashFour(group, blocks);
  }

  /** Hashes one to four messages; the first stands in for those that are not there. */
  #hashFour(group: readonly number[], blocks: number): void {
    const place = (lane: number) => this.#at[group[lane < group.length ? lane : 0]!]!;
    this.#lanes.hash(place(0), place(1), place(2), place(3), blocks);
    const { words } = this.#lanes;
    const digests = this.#digests;
    for (let lane = 0; lane < group.length; lane++) {
      const at = 8 * group[lane]!;
      for (let i = 0; i < 8; i++) digests[at + i] = words[4 * i + lane]!;
    }
  }

  /** Whether a message has the hash whose digits stand at a place. */
  #hasHash(bytes: Uint8Array, digits: number, message: number): boolean {
    const hash = this.#digests;
    for (let i = 8 * message, at = digits; i < 8 * message + 8; i++, at += 8) {
      const high = HEX[bytes[at]!]! << 28 | HEX[bytes[at + 1]!]! << 24 |
        HEX[bytes[at + 2]!]! << 20 | HEX[bytes[at + 3]!]! << 16;
      const low = HEX[bytes[at + 4]!]! << 12 | HEX[bytes[at + 5]!]! << 8 |
        HEX[bytes[at + 6]!]! << 4 | HEX[bytes[at + 7]!]!;
      if ((high | low) !== hash[i]) return false;
    }
    return true;
  }

  #leaves(count: number): Uint8Array {
    const leaves = new DataView(new ArrayBuffer(count * HASH_BYTES));
    for (let line = 0; line < count; line++) {
      for (let i = 0; i < 8; i++) {
        leaves.setInt32(line * HASH_BYTES + 4 * i, this.#digests[8 * (2 * line + 1) + i]!);
      }
    }
    return new Uint8Array(leaves.buffer);
  }

  /** Hashes of inner nodes, as many at a time as there is room for. */
  #combine(pairs: Uint8Array): Uint8Array {
    const step = BATCH * 2 * HASH_BYTES;
    if (pairs.length <= step) return this.#combineFew(pairs);
    const parents = new Uint8Array(pairs.length / 2);
    for (let at = 0; at < pairs.length; at += step) {
      parents.set(this.#combineFew(pairs.subarray(at, at + step)), at / 2);
    }
    return parents;
  }

  #combineFew(pairs: Uint8Array): Uint8Array {
    const count = pairs.length / (2 * HASH_BYTES);
    const memory = this.#lanes.bytes;
    for (let i = 0, at = Lanes.FIRST; i < count; i++, at += 128) {
      memory[at] = 1;
      memory.set(pairs.subarray(i * 2 * HASH_BYTES, (i + 1) * 2 * HASH_BYTES), at + 1);
      pad(memory, at, 1 + 2 * HASH_BYTES);
    }
    const { words } = this.#lanes;
    const parents = new DataView(new ArrayBuffer(count * HASH_BYTES));
    for (let i = 0; i < count; i += 4) {
      const at = Lanes.FIRST + 128 * i;
      this.#lanes.hash(at, at + 128, at + 256, at + 384, 2);
      for (let lane = 0; lane < 4 && i + lane < count; lane++) {
        for (let k = 0; k < 8; k++) {
          parents.setInt32((i + lane) * HASH_BYTES + 4 * k, words[4 * k + lane]!);
        }
      }
    }
    return new Uint8Array(parents.buffer);
  }
}
