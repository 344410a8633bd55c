/**
 * Recognises, in one pass over its bytes, a line that is certainly an entry in canonical form.
 *
 * It never says that a line is wrong: anything out of the ordinary (an escape, a large number, a
 * key beyond ASCII) is left to `readLine`, which is the one judge of what an entry is. A property
 * test holds that the two never disagree.
 *
 * @module
 */
import { MAX_DEPTH, MAX_LINE_BYTES } from "./entry.ts";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const ACTION = ascii('{"action":"');
const ACTOR = ascii('","actor":"');
const SKEW = ascii('","clock_skew_ms":');
const CONTEXT_AFTER_TEXT = ascii('","context":');
const CONTEXT_AFTER_NUMBER = ascii(',"context":');
const CORRELATION = ascii(',"correlation_id":"');
const ENTRY_HASH = ascii('","entry_hash":"');
const PREV_HASH = ascii('","prev_hash":"');
const CANDIDATE = ascii('","release_candidate_id":"');
const RUN = ascii('","run_id":"');
const SEQ = ascii('","schema_version":2,"seq":');
const SOURCE = ascii(',"source":"');
const STATUS = ascii('","status":"');
const TS = ascii('","ts":');
const WORDS = { 116: ascii("true"), 102: ascii("false"), 110: ascii("null") };

const QUOTE = 34, MINUS = 45, DOT = 46, BACKSLASH = 92, COMMA = 44, COLON = 58;
const ZERO = 48, NINE = 57, OPEN = 123, CLOSE = 125, OPEN_LIST = 91, CLOSE_LIST = 93;

/** The member `"entry_hash":"...",`, which is not hashed: bytes. */
export const HASH_MEMBER_BYTES = 14 + 64 + 2;

/** What the last line that was recognised says. */
export class LineScanner {
  seq = 0;
  ts = 0;
  /** Where the member `entry_hash` begins; its 64 digits stand 14 bytes further on. */
  hashMember = 0;
  /** Where the digits of `prev_hash` begin, and how many there are: 64 or 0. */
  prevHash = 0;
  prevLength = 0;
  /** Whether a byte beyond ASCII occurred: whether it is UTF-8 is not looked at here. */
  beyondAscii = false;

  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #end = 0;
  #number = 0;

  /** Whether the bytes from `start` to `end` are certainly such a line. */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    return this.scanFrom(bytes.subarray(0, end), start) === end;
  }

  /** Where such a line, beginning at `start`, ends; -1 if it is not certainly one. */
  scanFrom(bytes: Uint8Array, start: number): number {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = bytes.length;
    this.beyondAscii = false;
    const whole = this.#head() && this.#value(1) && this.#tail();
    return whole && this.#at - start <= MAX_LINE_BYTES ? this.#at : -1;
  }

  #head(): boolean {
    if (!(this.#literal(ACTION) && this.#words() && this.#literal(ACTOR) && this.#words())) {
      return false;
    }
    if (this.#literal(CONTEXT_AFTER_TEXT)) return this.#peek() === OPEN;
    return this.#literal(SKEW) && this.#integer() && this.#number > 0 &&
      this.#literal(CONTEXT_AFTER_NUMBER) && this.#peek() === OPEN;
  }

  #tail(): boolean {
    if (!(this.#literal(CORRELATION) && this.#text())) return false;
    this.hashMember = this.#at + 2;
    if (!(this.#literal(ENTRY_HASH) && this.#hash() === 64 && this.#literal(PREV_HASH))) {
      return false;
    }
    this.prevHash = this.#at;
    this.prevLength = this.#hash();
    if (this.prevLength !== 64 && this.prevLength !== 0) return false;
    if (!(this.#literal(CANDIDATE) && this.#text() && this.#literal(RUN) && this.#text())) {
      return false;
    }
    if (!(this.#literal(SEQ) && this.#integer() && this.#number > 0)) return false;
    this.seq = this.#number;
    if (!(this.#literal(SOURCE) && this.#words() && this.#literal(STATUS) && this.#words())) {
      return false;
    }
    if (!(this.#literal(TS) && this.#numeral() && this.#number > 0 && this.#number < 1e11)) {
      return false;
    }
    this.ts = this.#number;
    return this.#bytes[this.#at++] === CLOSE;
  }

  #peek(): number {
    return this.#at < this.#end ? this.#bytes[this.#at]! : -1;
  }

  #literal(text: Uint8Array): boolean {
    const bytes = this.#bytes, at = this.#at;
    for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
    this.#at = at + text.length;
    return true;
  }

  /** Digits of a hash up to what follows them. */
  #hash(): number {
    const bytes = this.#bytes, from = this.#at;
    let at = from;
    for (let b = bytes[at]!; b >= ZERO && b <= NINE || b >= 97 && b <= 102; b = bytes[++at]!);
    this.#at = at;
    return at - from;
  }

  /** Text up to its closing quote, not including it. */
  #text(): boolean {
    const bytes = this.#bytes, end = this.#end;
    let at = this.#at, all = 0;
    for (; at < end; at++) {
      const b = bytes[at]!;
      if (b === QUOTE) break;
      if (b < 32 || b === BACKSLASH) return false;
      all |= b;
    }
    if (all > 127) this.beyondAscii = true;
    this.#at = at;
    return at < end;
  }

  /** Text that begins with a visible ASCII character, so it is not blank. */
  #words(): boolean {
    const first = this.#peek();
    return first > 32 && first < 127 && first !== QUOTE && this.#text();
  }

  #integer(): boolean {
    const bytes = this.#bytes, from = this.#at;
    let at = from, n = 0;
    for (let b = bytes[at]!; b >= ZERO && b <= NINE; b = bytes[++at]!) n = n * 10 + b - ZERO;
    this.#at = at;
    this.#number = n;
    const digits = at - from;
    return digits > 0 && digits <= 15 && (digits === 1 || bytes[from] !== ZERO);
  }

  /**
   * A number of at most 15 digits without exponent: such a decimal is its own shortest spelling,
   * so it is canonical if its fraction does not end in zero and it is not below 1e-6.
   */
  #numeral(): boolean {
    const bytes = this.#bytes;
    const negative = bytes[this.#at] === MINUS;
    if (negative) this.#at += 1;
    const from = this.#at;
    if (!this.#integer()) return false;
    let n = this.#number;
    if (bytes[this.#at] === DOT) {
      const point = this.#at;
      let at = point + 1, all = n;
      for (let b = bytes[at]!; b >= ZERO && b <= NINE; b = bytes[++at]!) all = all * 10 + b - ZERO;
      const places = at - point - 1;
      if (places === 0 || bytes[at - 1] === ZERO || at - from > 16) return false;
      n = all / 10 ** places;
      if (n < 1e-6) return false;
      this.#at = at;
    } else if (negative && n === 0) return false;
    const next = bytes[this.#at];
    this.#number = negative ? -n : n;
    return next === COMMA || next === CLOSE || next === CLOSE_LIST;
  }

  #value(depth: number): boolean {
    switch (this.#peek()) {
      case QUOTE:
        this.#at += 1;
        if (!this.#text()) return false;
        this.#at += 1;
        return true;
      case OPEN:
        return depth < MAX_DEPTH && this.#object(depth);
      case OPEN_LIST:
        return depth < MAX_DEPTH && this.#list(depth);
      case 116:
      case 102:
      case 110:
        return this.#literal(WORDS[this.#peek() as 116 | 102 | 110]);
      default:
        return this.#numeral();
    }
  }

  #object(depth: number): boolean {
    const bytes = this.#bytes;
    this.#at += 1;
    if (this.#peek() === CLOSE) return this.#close();
    for (let before = -1;;) {
      if (bytes[this.#at++] !== QUOTE) return false;
      const key = this.#at;
      const beyond = this.beyondAscii;
      this.beyondAscii = false;
      if (!this.#text() || this.beyondAscii) return false;
      this.beyondAscii = beyond;
      if (before >= 0 && !this.#ascending(before, key)) return false;
      before = key;
      this.#at += 1;
      if (bytes[this.#at++] !== COLON || !this.#value(depth + 1)) return false;
      if (this.#peek() === CLOSE) return this.#close();
      if (bytes[this.#at++] !== COMMA) return false;
    }
  }

  #list(depth: number): boolean {
    this.#at += 1;
    if (this.#peek() === CLOSE_LIST) return this.#close();
    for (;;) {
      if (!this.#value(depth + 1)) return false;
      if (this.#peek() === CLOSE_LIST) return this.#close();
      if (this.#bytes[this.#at++] !== COMMA) return false;
    }
  }

  #close(): boolean {
    this.#at += 1;
    return true;
  }

  /** Whether the key at `a` comes before the key at `b`; both end with a quote. */
  #ascending(a: number, b: number): boolean {
    const bytes = this.#bytes;
    for (;; a++, b++) {
      const x = bytes[a]!, y = bytes[b]!;
      if (y === QUOTE) return false;
      if (x === QUOTE || x < y) return true;
      if (x > y) return false;
    }
  }
}
