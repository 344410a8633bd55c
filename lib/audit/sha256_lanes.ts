/**
 * SHA-256 of four messages of equal length in blocks at once, for verifying long logs.
 *
 * One instruction works on the same step of four messages: the function below is assembled for
 * WebAssembly's 128-bit vectors from the rounds of FIPS 180-4 section 6.2.2, unrolled. It is
 * several times as fast as any call of one message at a time can be.
 *
 * @module
 */
import { INITIAL_STATE, ROUND_CONSTANTS } from "./sha256.ts";

type Code = number[];

const code = (...parts: Code[]): Code => parts.flat();

function leb(n: number): Code {
  return n < 0x80 ? [n] : [n & 0x7f | 0x80, ...leb(n >>> 7)];
}

function signedLeb(n: number): Code {
  return n >= -64 && n < 64 ? [n & 0x7f] : [n & 0x7f | 0x80, ...signedLeb(n >> 7)];
}

const simd = (op: number, ...immediate: Code): Code => [0xfd, ...leb(op), ...immediate];
const get = (local: number): Code => [0x20, ...leb(local)];
const set = (local: number): Code => [0x21, ...leb(local)];
const tee = (local: number): Code => [0x22, ...leb(local)];
const constant = (n: number): Code => [0x41, ...signedLeb(n)];
const load = (offset: number): Code => simd(0x00, 0, ...leb(offset));
const store = (offset: number): Code => simd(0x0b, 0, ...leb(offset));
const ADD = simd(0xae);
const XOR = simd(0x51);
const OR = simd(0x50);
const AND = simd(0x4e);

/** Where in memory the constants stand: the initial state, then those of the rounds. */
const CONSTANTS = 128;
const ROUNDS = CONSTANTS + 32;
const AFTER_CONSTANTS = ROUNDS + 256;

/** The 32-bit word at a place, in all four lanes: cheaper than a vector as a literal. */
const splat = (at: number): Code => code(constant(0), simd(0x09, 0, ...leb(at)));

const right = (local: number, bits: number): Code => code(get(local), constant(bits), simd(0xad));
const left = (local: number, bits: number): Code => code(get(local), constant(bits), simd(0xab));
const rotate = (local: number, bits: number): Code =>
  code(right(local, bits), left(local, 32 - bits), OR);

const bigSigma = (x: number, [i, j, k]: [number, number, number]): Code =>
  code(rotate(x, i), rotate(x, j), XOR, rotate(x, k), XOR);
const smallSigma = (x: number, [i, j, k]: [number, number, number]): Code =>
  code(rotate(x, i), rotate(x, j), XOR, right(x, k), XOR);

/** Locals: four message pointers, count of blocks, pointer to the state; then vectors. */
const BLOCKS = 4, STATE = 5, W = 6, V = 22, T = 30, DIFFERENCE = 32;
const LOCAL_VECTORS = 28;

/** Words 4n to 4n+3 of the four messages, big-endian, each into a vector of its own. */
function loadWords(n: number): Code {
  const swapped = (i: number) => [3, 2, 1, 0].map((byte) => 4 * i + byte);
  const pair = (a: number, b: number, i: number) =>
    code(
      get(a),
      load(16 * n),
      get(b),
      load(16 * n),
      simd(0x0d, ...swapped(i), ...swapped(i + 4), ...swapped(i + 1), ...swapped(i + 5)),
    );
  const half = (low: boolean) =>
    simd(0x0d, ...Array.from({ length: 16 }, (_, i) => (i & 7) + (i < 8 ? 0 : 16) + (low ? 0 : 8)));
  return [0, 2].flatMap((i) =>
    code(
      code(pair(0, 1, i), set(T), pair(2, 3, i), set(T + 1)),
      code(get(T), get(T + 1), half(true), set(W + 4 * n + i)),
      code(get(T), get(T + 1), half(false), set(W + 4 * n + i + 1)),
    )
  );
}

function round(t: number): Code {
  const v = (i: number) => V + (i - t + 64) % 8; // the working variables change names, not places
  const [a, b, , d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(v) as [
    ...Record<"length", 8> & number[],
  ];
  const w = (back: number) => W + (t - back + 64) % 16;
  const expand = t < 16 ? [] : code(
    code(get(w(16)), smallSigma(w(15), [7, 18, 3]), ADD, get(w(7)), ADD),
    code(smallSigma(w(2), [17, 19, 10]), ADD, set(w(16))),
  );
  // Ch and Maj as in section 4.1.2, in three operations each: Maj takes a XOR b of the round before.
  const [differs, differed] = [DIFFERENCE + t % 2, DIFFERENCE + (t + 1) % 2];
  return code(
    expand,
    code(get(h!), bigSigma(e!, [6, 11, 25]), ADD),
    code(get(e!), get(f!), get(g!), XOR, AND, get(g!), XOR, ADD),
    code(splat(ROUNDS + 4 * t), get(w(0)), ADD, ADD, set(T)),
    code(get(d!), get(T), ADD, set(d!)),
    code(get(T), bigSigma(a!, [2, 13, 22]), ADD),
    code(get(a!), get(b!), XOR, tee(differs), get(differed), AND, get(b!), XOR, ADD, set(h!)),
  );
}

function functionBody(): Code {
  const eight = [0, 1, 2, 3, 4, 5, 6, 7];
  const advance = [0, 1, 2, 3].flatMap((p) => code(get(p), constant(64), [0x6a], set(p)));
  const body = code(
    eight.flatMap((i) => code(get(STATE), splat(CONSTANTS + 4 * i), store(16 * i))),
    [0x03, 0x40], // loop
    [0, 1, 2, 3].flatMap(loadWords),
    eight.flatMap((i) => code(get(STATE), load(16 * i), set(V + i))),
    code(get(V + 1), get(V + 2), XOR, set(DIFFERENCE + 1)),
    Array.from({ length: 64 }, (_, t) => round(t)).flat(),
    eight.flatMap((i) =>
      code(get(STATE), get(STATE), load(16 * i), get(V + i), ADD, store(16 * i))
    ),
    advance,
    code(get(BLOCKS), constant(1), [0x6b, 0x22, BLOCKS, 0x0d, 0], [0x0b]), // while blocks remain
  );
  return [1, LOCAL_VECTORS, 0x7b, ...body, 0x0b];
}

function assemble(): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Code): Code => [id, ...leb(content.length), ...content];
  const name = (text: string): Code => [text.length, ...new TextEncoder().encode(text)];
  const body = functionBody();
  return Uint8Array.from(code(
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [1, 0x60, 6, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0]),
    section(2, [1, ...name("js"), ...name("memory"), 2, 0, 1]),
    section(3, [1, 0]),
    section(7, [1, ...name("hash"), 0, 0]),
    section(10, code([1], leb(body.length), body)),
  ));
}

type HashLanes = (a: number, b: number, c: number, d: number, blocks: number, to: number) => void;

let compiled: WebAssembly.Module | undefined;

/** The compiled function; threads share it, for compiling takes as long as hashing 10 MB. */
export function lanesModule(): WebAssembly.Module {
  return compiled ??= new WebAssembly.Module(assemble());
}

/** Takes the function over from another thread, which got it by `lanesModule`. */
export function shareLanes(module: WebAssembly.Module): void {
  compiled = module;
}

/** Memory with messages in it, and the function that hashes four of them. */
export class Lanes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Result of the last call: word `i` of message `lane` at `4 * i + lane`. */
  readonly words: Int32Array<ArrayBuffer>;
  readonly #hash: HashLanes;

  /** @param size Room for messages, bytes. */
  constructor(size: number) {
    const memory = new WebAssembly.Memory({
      initial: Math.ceil((AFTER_CONSTANTS + size) / 65_536),
    });
    const { exports } = new WebAssembly.Instance(lanesModule(), { js: { memory } });
    this.#hash = exports["hash"] as unknown as HashLanes;
    this.bytes = new Uint8Array(memory.buffer as ArrayBuffer);
    this.words = new Int32Array(memory.buffer as ArrayBuffer, 0, 32);
    new Int32Array(memory.buffer, CONSTANTS).set([...INITIAL_STATE, ...ROUND_CONSTANTS]);
  }

  /** First byte messages may take: before it lie the result and the constants. */
  static readonly FIRST: number = AFTER_CONSTANTS;

  /** Hashes the padded messages at four places, each `blocks` blocks long. */
  hash(a: number, b: number, c: number, d: number, blocks: number): void {
    this.#hash(a, b, c, d, blocks, 0);
  }
}
