/**
 * The hash tree of RFC 6962 section 2.1 (the same in RFC 9162), kept as its right edge only.
 *
 * @module
 */
import { sha256 } from "./sha256.ts";

/** Bytes in every hash of the tree. */
export const HASH_BYTES = 32;

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** Root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256();

/** Hash of a leaf: SHA-256 of a zero byte and the leaf. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, leaf);
}

/** Hash of an inner node: SHA-256 of a one byte and the two hashes below it. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE_PREFIX, left, right);
}

/**
 * The roots of the full subtrees a tree of `size` leaves splits into, largest first: one for each
 * bit set in `size`. This is all that appending needs, so a log of any length is carried on with
 * at most 53 hashes.
 */
export class Frontier {
  #size: number;
  readonly #nodes: Uint8Array[];

  /**
   * Takes up a saved right edge.
   *
   * @throws {RangeError} If `nodes` is not one hash for each bit set in `size`.
   */
  constructor(size = 0, nodes: readonly Uint8Array[] = []) {
    if (!Number.isSafeInteger(size) || size < 0 || nodes.length !== bitsSet(size)) {
      throw new RangeError(
        `Cannot continue a tree of ${size} leaves: ${nodes.length} hashes found, ${
          bitsSet(size)
        } wanted`,
      );
    }
    this.#size = size;
    this.#nodes = [...nodes];
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size;
  }

  /** The right edge, largest subtree first. */
  get nodes(): readonly Uint8Array[] {
    return this.#nodes;
  }

  /** Adds the next leaf by its hash. */
  push(leaf: Uint8Array): void {
    let node = leaf;
    for (let n = this.#size; n % 2 === 1; n = (n - 1) / 2) {
      node = nodeHash(this.#nodes.pop()!, node);
    }
    this.#nodes.push(node);
    this.#size += 1;
  }

  /**
   * Adds many leaves at once, level by level.
   *
   * @param leaves Their hashes, one after the other.
   * @param combine Hashes of inner nodes, from the hashes below them, two for each.
   */
  pushAll(leaves: Uint8Array, combine: (pairs: Uint8Array) => Uint8Array): void {
    const left: Uint8Array[] = [];
    let nodes = leaves;
    for (let width = 1; nodes.length > 0; width *= 2) {
      if (Math.floor(this.#size / width) % 2 === 1) nodes = join(this.#nodes.pop()!, nodes);
      const paired = nodes.length - nodes.length % (2 * HASH_BYTES);
      if (paired < nodes.length) left.push(nodes.slice(paired));
      nodes = paired === 0 ? nodes.subarray(0, 0) : combine(nodes.subarray(0, paired));
    }
    this.#nodes.push(...left.reverse());
    this.#size += leaves.length / HASH_BYTES;
  }

  /** Root of the tree over all leaves so far. */
  root(): Uint8Array {
    if (this.#size === 0) return EMPTY_ROOT;
    return this.#nodes.reduceRight((right, left) => nodeHash(left, right));
  }

  /** An independent copy. */
  clone(): Frontier {
    return new Frontier(this.#size, this.#nodes);
  }
}

function join(first: Uint8Array, rest: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + rest.length);
  joined.set(first);
  joined.set(rest, first.length);
  return joined;
}

function bitsSet(n: number): number {
  let bits = 0;
  for (; n >= 1; n = Math.floor(n / 2)) bits += n % 2;
  return bits;
}

/** Compares two hashes; neither is secret. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
