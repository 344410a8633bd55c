/**
 * Recognises, in one pass over its bytes, a line that is certainly an entry in canonical form.
 *
 * It never says that a line is wrong: anything out of the ordinary (an escape, a large number, a
 * key beyond ASCII) is left to `readLine`, which is the one judge of what an entry is. A property
 * test holds that the two never disagree.
 *
 * The digits of the two hashes are stepped over: whoever scans compares them with the hashes they
 * have to be, which is both stricter and quicker than asking whether they are digits.
 *
 * @module
 */
import { MAX_DEPTH, MAX_LINE_BYTES } from "./entry.ts";

/** Known text, as the 32-bit words it is compared by; the last one may overlap the one before. */
interface Known {
  length: number;
  words: Int32Array;
}

function known(text: string): Known {
  const bytes = new DataView(new TextEncoder().encode(text).buffer);
  const { byteLength: length } = bytes;
  const at = (i: number) => bytes.getInt32(Math.min(4 * i, length - 4), true);
  return { length, words: Int32Array.from({ length: Math.ceil(length / 4) }, (_, i) => at(i)) };
}

const ACTION = known('{"action":"');
const ACTOR = known('","actor":"');
const SKEW = known('","clock_skew_ms":');
const CONTEXT_AFTER_TEXT = known('","context":');
const CONTEXT_AFTER_NUMBER = known(',"context":');
const CORRELATION = known(',"correlation_id":"');
const ENTRY_HASH = known('","entry_hash":"');
const PREV_HASH = known('","prev_hash":"');
const CANDIDATE = known('","release_candidate_id":"');
const RUN = known('","run_id":"');
const SEQ = known('","schema_version":2,"seq":');
const SOURCE = known(',"source":"');
const STATUS = known('","status":"');
const TS = known('","ts":');
const WORDS = { 116: known("true"), 102: known("false"), 110: known("null") };

const QUOTE = 34, MINUS = 45, DOT = 46, BACKSLASH = 92, COMMA = 44, COLON = 58;
const ZERO = 48, NINE = 57, OPEN = 123, CLOSE = 125, OPEN_LIST = 91, CLOSE_LIST = 93;

/** 1 for what may stand in text as it is: ASCII but quote, backslash and control characters. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, b) => {
  return b >= 32 && b < 128 && b !== QUOTE && b !== BACKSLASH ? 1 : 0;
});

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

  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #number = 0;

  /**
   * @param bytes Where the lines will stand. At least 256 bytes must follow the last of them, and
   * a control character must follow each: that ends any text.
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Where such a line, beginning at `start`, ends; -1 if there is certainly none. */
  scan(start: number): number {
    this.#at = start;
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
    if (!this.#literal(ENTRY_HASH)) return false;
    this.#at += 64;
    if (!this.#literal(PREV_HASH)) return false;
    this.prevHash = this.#at;
    this.prevLength = this.#bytes[this.#at] === QUOTE ? 0 : 64;
    this.#at += this.prevLength;
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
    return this.#bytes[this.#at]!;
  }

  #literal({ length, words }: Known): boolean {
    const view = this.#view, at = this.#at, last = words.length - 1;
    for (let i = 0; i < last; i++) {
      if (view.getInt32(at + 4 * i, true) !== words[i]) return false;
    }
    if (view.getInt32(at + length - 4, true) !== words[last]) return false;
    this.#at = at + length;
    return true;
  }

  /** Text up to its closing quote, not including it. */
  #text(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    while (PLAIN[bytes[at]!] === 1) at += 1;
    while (bytes[at]! > 127) {
      this.beyondAscii = true;
      while (bytes[at]! > 127 || PLAIN[bytes[at]!] === 1) at += 1;
    }
    this.#at = at;
    return bytes[at] === QUOTE;
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
