/**
 * Inclusion and consistency proofs: making them needs all leaf hashes, checking them needs none.
 *
 * Checking follows RFC 9162 sections 2.1.3.2 and 2.1.4.2, carried over to subtrees that do not
 * begin at the first leaf as in the Merkle Tree Certificates draft, section 4.
 *
 * @module
 */
import { EMPTY_ROOT, Frontier, HASH_BYTES, nodeHash, sameHash } from "./merkle_tree.ts";

/** Hash of the leaf at an index, first is 0. */
export type Leaves = (index: number) => Uint8Array;

/** Root over leaves `start` up to, not including, `end`. */
export function rangeRoot(leaves: Leaves, start: number, end: number): Uint8Array {
  const tree = new Frontier();
  for (let i = start; i < end; i++) tree.push(leaves(i));
  return tree.root();
}

/** Largest power of two below `n`: where a tree of `n > 1` leaves splits. */
function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}

/**
 * Hashes that lead from one leaf to the root, lowest first (RFC 6962 section 2.1.1).
 *
 * @throws {RangeError} If the tree has no such leaf.
 */
export function proveInclusion(leaves: Leaves, index: number, size: number): Uint8Array[] {
  if (!(index >= 0 && index < size)) {
    throw new RangeError(`Cannot prove inclusion: leaf ${index} is not in a tree of ${size}`);
  }
  const proof: Uint8Array[] = [];
  for (let start = 0, end = size; end - start > 1;) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      proof.push(rangeRoot(leaves, middle, end));
      end = middle;
    } else {
      proof.push(rangeRoot(leaves, start, middle));
      start = middle;
    }
  }
  return proof.reverse();
}

/**
 * Hashes that show a tree of `size` leaves to begin with the tree of `earlier` leaves
 * (RFC 6962 section 2.1.2).
 *
 * @throws {RangeError} Unless `0 < earlier <= size`.
 */
export function proveConsistency(leaves: Leaves, earlier: number, size: number): Uint8Array[] {
  if (!(earlier > 0 && earlier <= size)) {
    throw new RangeError(`Cannot prove consistency: ${earlier} is not within 1 and ${size}`);
  }
  const proof: Uint8Array[] = [];
  let start = 0;
  for (let end = size; end !== earlier;) {
    const middle = start + splitOf(end - start);
    if (earlier <= middle) {
      proof.push(rangeRoot(leaves, middle, end));
      end = middle;
    } else {
      proof.push(rangeRoot(leaves, start, middle));
      start = middle;
    }
  }
  if (start > 0) proof.push(rangeRoot(leaves, start, earlier));
  return proof.reverse();
}

/** Whether `leaf` is the leaf at `index` in the tree of `size` leaves with this root. */
export function verifyInclusion(
  { index, size, leaf, proof, root }: {
    index: number;
    size: number;
    leaf: Uint8Array;
    proof: readonly Uint8Array[];
    root: Uint8Array;
  },
): boolean {
  if (!(index >= 0 && index < size) || ![leaf, ...proof].every(isHash)) return false;
  let node = leaf, at = index, last = size - 1;
  for (const other of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = nodeHash(other, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      node = nodeHash(node, other);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameHash(node, root);
}

/**
 * Whether the tree of `size` leaves with root `root` contains, as leaves `start` up to `end`, the
 * subtree with root `earlierRoot`. With `start` 0: whether the smaller tree was only appended to.
 *
 * Nothing can be said about an empty earlier tree, so that is never true for a whole tree.
 */
export function verifyConsistency(
  { start = 0, end, size, earlierRoot, root, proof }: {
    start?: number;
    end: number;
    size: number;
    earlierRoot: Uint8Array;
    root: Uint8Array;
    proof: readonly Uint8Array[];
  },
): boolean {
  if (!isSubtree(start, end) || end > size || !proof.every(isHash)) {
    return false;
  }
  let first = start, last = end - 1, top = size - 1;
  const shift = () => [first, last, top] = [half(first), half(last), half(top)];
  const atEdge = last === top;
  while (first !== last && (atEdge || last % 2 === 1)) shift();

  const rest = [...proof];
  let earlier = first === last ? earlierRoot : rest.shift();
  let whole = earlier;
  if (earlier === undefined || whole === undefined) return false;
  for (const other of rest) {
    if (top === 0) return false;
    if (last % 2 === 1 || last === top) {
      if (first < last) earlier = nodeHash(other, earlier);
      whole = nodeHash(other, whole);
      while (last % 2 === 0) shift();
    } else {
      whole = nodeHash(whole, other);
    }
    shift();
  }
  return top === 0 && sameHash(earlier, earlierRoot) && sameHash(whole, root);
}

/** Whether leaves `start` to `end` sit under one node of every tree that contains them. */
export function isSubtree(start: number, end: number): boolean {
  if (!(start >= 0 && start < end)) return false;
  let width = 1;
  while (width < end - start) width *= 2;
  return start % width === 0;
}

/** Whether an empty subtree is claimed, as it must be: its fixed root and nothing to prove it. */
export function verifyEmptySubtree(earlierRoot: Uint8Array, proof: readonly Uint8Array[]): boolean {
  return proof.length === 0 && sameHash(earlierRoot, EMPTY_ROOT);
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}
