/**
 * SHA-256 (FIPS 180-4), synchronous, for the short messages a hash tree is made of.
 *
 * WebCrypto answers asynchronously, about 20 µs a call, and loading `node:crypto` costs every
 * process more than a whole append does; for entries of a few hundred bytes this is quicker than
 * either. Whole files are hashed by `lib/store/digest.ts`.
 *
 * @module
 */

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2). */
export const ROUND_CONSTANTS: Int32Array = fractions(64, Math.cbrt);

/** First 32 bits of the fractional parts of the square roots of the first 8 primes (5.3.3). */
export const INITIAL_STATE: Int32Array = fractions(8, Math.sqrt);

function fractions(count: number, root: (n: number) => number): Int32Array {
  const words = new Int32Array(count);
  for (let n = 2, found = 0; found < count; n++) {
    let prime = true;
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
    if (prime) words[found++] = (root(n) % 1) * 2 ** 32;
  }
  return words;
}

const schedule = new Int32Array(64);
const state = new Int32Array(8);
let scratch = new Uint8Array(1024);

/**
 * Lays a message out in whole 64-byte blocks: content, `0x80`, zeros, length in bits (5.1.1).
 *
 * @param length Bytes of content, below 2^37.
 * @param at Where in `target` to start; the caller provides `paddedLength(length)` bytes there.
 */
export function pad(target: Uint8Array, at: number, length: number): void {
  const end = at + paddedLength(length);
  target[at + length] = 0x80;
  for (let i = at + length + 1; i < end - 5; i++) target[i] = 0;
  for (let i = end - 1, bits = length * 8; i >= end - 5; i--) {
    target[i] = bits % 256;
    bits = Math.floor(bits / 256);
  }
}

/** Bytes a message takes once padded: a multiple of 64. */
export function paddedLength(length: number): number {
  return (length + 72) & ~63;
}

/** SHA-256 of the parts, one after the other: 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const padded = paddedLength(length);
  if (padded > scratch.length) scratch = new Uint8Array(padded * 2);
  let at = 0;
  for (const part of parts) {
    scratch.set(part, at);
    at += part.length;
  }
  pad(scratch, 0, length);
  state.set(INITIAL_STATE);
  for (let block = 0; block < padded; block += 64) compress(scratch, block);
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i++) digest[i] = state[i >> 2]! >>> (24 - 8 * (i & 3));
  return digest;
}

/** One block into `state` (section 6.2.2). */
function compress(bytes: Uint8Array, block: number): void {
  const w = schedule, k = ROUND_CONSTANTS;
  for (let t = 0, at = block; t < 16; t++, at += 4) {
    w[t] = bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15]!, y = w[t - 2]!;
    const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    w[t] = w[t - 16]! + s0 + w[t - 7]! + s1 | 0;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const t1 = h + s1 + (e & f ^ ~e & g) + k[t]! + w[t]! | 0;
    const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const t2 = s0 + (a & b ^ a & c ^ b & c) | 0;
    h = g, g = f, f = e, e = d + t1 | 0;
    d = c, c = b, b = a, a = t1 + t2 | 0;
  }
  state[0]! += a, state[1]! += b, state[2]! += c, state[3]! += d;
  state[4]! += e, state[5]! += f, state[6]! += g, state[7]! += h;
}
