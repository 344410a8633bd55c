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
import { hexDigits } from "./hex_digits.ts";
import type { FollowedSegment } from "./segment.ts";
import { HASH_MEMBER_BYTES, LineScanner } from "./scan_line.ts";
import { pad, paddedLength } from "./sha256.ts";
import { Lanes } from "./sha256_lanes.ts";

/** Lines that are taken at a time, and their bytes, at most: what a processor's cache holds. */
const BATCH = 1024;
const BATCH_BYTES = 1 << 18;

/** In the memory of the lanes: where the lines stand, and where their messages are laid out. */
const LINES = Lanes.FIRST;
const MESSAGES = LINES + BATCH_BYTES + 256;
const ROOM = MESSAGES + 2 * (BATCH_BYTES + BATCH * 128);

/** Fewer bytes than this are left to `accept`: setting up costs more. */
export const WORTH_IT = 1 << 16;

const LF = 10;

/** Up to four messages of equal length in blocks. */
interface Group {
  messages: Int32Array;
  size: number;
}

/** One for each log that is read; holds the memory its lines are hashed in. */
export class BulkFollower {
  readonly #lanes: Lanes = new Lanes(ROOM);
  readonly #memory: Uint8Array<ArrayBuffer> = this.#lanes.bytes;
  readonly #view: DataView = new DataView(this.#memory.buffer);
  readonly #scanner: LineScanner = new LineScanner(this.#memory);
  readonly #utf8: TextDecoder = new TextDecoder("utf-8", { fatal: true });
  /** Per message: where it lies, its blocks, its digest. Lines have two: entry, then leaf. */
  readonly #at: Int32Array = new Int32Array(2 * BATCH);
  readonly #blocks: Int32Array = new Int32Array(2 * BATCH);
  readonly #digests: Int32Array = new Int32Array(2 * BATCH * 8);
  /** Per line: where it ends, its time, where the digits of its hash stand. */
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
    for (let left = most; left > 0 && done < bytes.length;) {
      const taken = bytes.subarray(done, done + BATCH_BYTES);
      const whole = taken.lastIndexOf(LF) + 1;
      this.#memory.set(taken.subarray(0, whole), LINES);
      this.#memory[LINES + whole] = LF; // any text ends here
      const count = this.#batch(head, LINES + whole, Math.min(left, BATCH), known);
      if (count === 0) break;
      done += this.#ends[count - 1]! + 1 - LINES;
      left -= count;
    }
    return done;
  }

  /**
   * Moves the head over a segment that was followed apart, if it goes on where the head stands.
   *
   * @param halted Called wherever the follower of the segment halted.
   */
  join(
    head: ChainHead,
    { begin, firstTs, positions, leaves }: FollowedSegment,
    halted: () => void,
  ): boolean {
    const { at } = head;
    const joins = begin.entries === at.entries && begin.bytes === at.bytes &&
      begin.lastHash === at.lastHash && firstTs >= at.lastTs;
    if (!joins) return false;
    for (const position of positions) {
      const from = (head.at.entries - begin.entries) * HASH_BYTES;
      const to = (position.entries - begin.entries) * HASH_BYTES;
      head.advanceAll(
        { ...position, predecessorEntries: at.predecessorEntries },
        leaves.subarray(from, to),
        (pairs) => this.#combine(pairs),
      );
      halted();
    }
    return true;
  }

  /** Moves the head over the lines that stand in memory up to `to`; gives how many. */
  #batch(head: ChainHead, to: number, most: number, known: Uint8Array): number {
    const scanned = this.#scan(head.at, to, most);
    if (scanned === 0) return 0;
    this.#hashAll(2 * scanned);
    let count = 0;
    while (count < scanned && this.#hasHash(this.#hashes[count]!, 2 * count)) count += 1;
    const leaves = this.#leaves(count);
    const offset = head.at.entries * HASH_BYTES;
    for (let i = 0; i < leaves.length && offset + i < known.length; i++) {
      if (leaves[i] !== known[offset + i]) count = Math.min(count, Math.floor(i / HASH_BYTES));
    }
    if (count === 0) return 0;
    const start = head.at;
    head.advanceAll(
      this.#position(start, count),
      leaves.subarray(0, count * HASH_BYTES),
      (pairs) => this.#combine(pairs),
    );
    return count;
  }

  #position(start: Position, count: number): Position {
    const digits = (at: number) => String.fromCharCode(...this.#memory.subarray(at, at + 64));
    const before = count === 1 ? start.lastHash : digits(this.#hashes[count - 2]!);
    return {
      entries: start.entries + count,
      bytes: start.bytes + this.#ends[count - 1]! + 1 - LINES,
      lastHash: digits(this.#hashes[count - 1]!),
      lastPrevHash: before,
      lastTs: this.#times[count - 1]!,
      predecessorEntries: start.predecessorEntries,
    };
  }

  /** Scans lines and lays out their messages, up to the first that does not certainly follow. */
  #scan(at: Position, to: number, most: number): number {
    const scanner = this.#scanner, memory = this.#memory;
    this.#used = MESSAGES;
    let seq = at.entries, ts = at.lastTs, start = LINES, count = 0;
    for (; count < most && start < to; count++) {
      const end = scanner.scan(start);
      if (end < 0 || end >= to || memory[end] !== LF) break;
      if (scanner.seq !== ++seq || scanner.ts < ts || !this.#isLinked(count, at.lastHash)) break;
      if (scanner.beyondAscii && !this.#isUtf8(memory.subarray(start, end))) break;
      ts = scanner.ts;
      this.#layOut(start, end, count);
      start = end + 1;
    }
    return count;
  }

  /** Whether the scanned line names the one before it, by the digits that stand there. */
  #isLinked(count: number, lastHash: string): boolean {
    const { prevHash, prevLength } = this.#scanner;
    if (count === 0) {
      if (prevLength !== lastHash.length) return false;
      for (let i = 0; i < prevLength; i++) {
        if (this.#memory[prevHash + i] !== lastHash.charCodeAt(i)) return false;
      }
      return true;
    }
    const before = this.#hashes[count - 1]!, view = this.#view;
    for (let i = 0; i < 64; i += 4) {
      if (view.getInt32(prevHash + i) !== view.getInt32(before + i)) return false;
    }
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
  #layOut(start: number, end: number, count: number): void {
    const memory = this.#memory;
    const cut = this.#scanner.hashMember;
    const entry = this.#used;
    memory.copyWithin(entry, start, cut);
    memory.copyWithin(entry + cut - start, cut + HASH_MEMBER_BYTES, end);
    const leaf = this.#reserve(2 * count, end - start - HASH_MEMBER_BYTES);
    memory[leaf] = 0;
    memory.copyWithin(leaf + 1, start, end);
    this.#reserve(2 * count + 1, end - start + 1);
    this.#ends[count] = end;
    this.#times[count] = this.#scanner.ts;
    this.#hashes[count] = cut + 14;
  }

  /** Ends the message that was written at the next free place; gives the place after it. */
  #reserve(message: number, length: number): number {
    const padded = paddedLength(length);
    pad(this.#memory, this.#used, length);
    this.#at[message] = this.#used;
    this.#blocks[message] = padded / 64;
    return this.#used += padded;
  }

  /** Hashes all messages, four of equal length at a time. */
  #hashAll(messages: number): void {
    const waiting: (Group | undefined)[] = [];
    for (let message = 0; message < messages; message++) {
      const blocks = this.#blocks[message]!;
      const group = waiting[blocks] ??= { messages: new Int32Array(4), size: 0 };
      group.messages[group.size++] = message;
      if (group.size === 4) this.#hashGroup(group, blocks);
    }
    waiting.forEach((group, blocks) => {
      if (group !== undefined && group.size > 0) this.#hashGroup(group, blocks);
    });
  }

  /** Hashes one to four messages, and empties the group; the first stands in for absent ones. */
  #hashGroup(group: Group, blocks: number): void {
    const { messages, size } = group;
    messages.fill(messages[0]!, size);
    const at = this.#at;
    const [a, b, c, d] = [messages[0]!, messages[1]!, messages[2]!, messages[3]!];
    this.#lanes.hash(at[a]!, at[b]!, at[c]!, at[d]!, blocks);
    const { words } = this.#lanes;
    const digests = this.#digests;
    for (let lane = 0; lane < size; lane++) {
      const to = 8 * messages[lane]!;
      for (let i = 0; i < 8; i++) digests[to + i] = words[4 * i + lane]!;
    }
    group.size = 0;
  }

  /** Whether a message has the hash whose digits stand at a place. */
  #hasHash(digits: number, message: number): boolean {
    const view = this.#view, hash = this.#digests;
    for (let i = 8 * message, at = digits; i < 8 * message + 8; i++, at += 8) {
      const word = hash[i]!;
      if (view.getInt32(at) !== hexDigits(word >>> 16)) return false;
      if (view.getInt32(at + 4) !== hexDigits(word & 0xffff)) return false;
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
    const step = 2 * BATCH * 2 * HASH_BYTES;
    if (pairs.length <= step) return this.#combineFew(pairs);
    const parents = new Uint8Array(pairs.length / 2);
    for (let at = 0; at < pairs.length; at += step) {
      parents.set(this.#combineFew(pairs.subarray(at, at + step)), at / 2);
    }
    return parents;
  }

  #combineFew(pairs: Uint8Array): Uint8Array {
    const count = pairs.length / (2 * HASH_BYTES);
    const memory = this.#memory;
    memory.set(pairs, LINES);
    memory.fill(0, MESSAGES, MESSAGES + 128 * count);
    for (let i = 0, at = MESSAGES; i < count; i++, at += 128) {
      memory[at] = 1;
      memory.copyWithin(at + 1, LINES + 64 * i, LINES + 64 * i + 64);
      memory[at + 65] = 0x80;
      this.#view.setInt16(at + 126, 8 * 65); // the message's length in bits
    }
    const { words } = this.#lanes;
    const parents = new DataView(new ArrayBuffer(count * HASH_BYTES));
    for (let i = 0; i < count; i += 4) {
      const at = MESSAGES + 128 * i;
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
