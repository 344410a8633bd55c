/**
 * Deep equality.
 * @module
 */

/**
 * Tells whether two values have the same structure and the same leaves.
 *
 * - `NaN` equals itself, `0` equals `-0`, and an object without prototype equals a literal; apart from
 *   that, prototypes must be identical.
 * - Plain objects and arrays compare by own keys: an `undefined` value or a hole differs from a missing
 *   one. Maps and sets ignore order.
 * - Any other object compares by every property it has or inherits, getters included. That tells two
 *   `Temporal` values apart, and two errors made in different places, because their stacks differ.
 *
 * @throws {TypeError} If two weak maps or two weak sets meet: their contents cannot be listed.
 */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

/** Pairs found equal or still under comparison: meeting one again means a cycle, equal so far. */
type Seen = Map<object, Set<object>>;

function compare(a: unknown, b: unknown, seen: Seen): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || !samePrototype(a, b)) return false;
  const leaf = compareLeaf(a, b);
  if (leaf !== undefined) return leaf;
  if (a instanceof WeakRef && b instanceof WeakRef) return compare(a.deref(), b.deref(), seen);
  const partners = seen.get(a) ?? new Set();
  if (partners.has(b)) return true;
  seen.set(a, partners.add(b));
  const same = compareContents(a, b, seen);
  if (!same) partners.delete(b);
  return same;
}

function compareContents(a: object, b: object, seen: Seen): boolean {
  if (Object.keys(a).length !== Object.keys(b).length) return false;
  if (a instanceof Map && b instanceof Map) return compareMaps(a, b, seen);
  if (a instanceof Set && b instanceof Set) return compareSets(a, b, seen);
  return compareProperties(a, b, seen);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function samePrototype(a: object, b: object): boolean {
  const [left, right] = [Object.getPrototypeOf(a), Object.getPrototypeOf(b)];
  return left === right || (left === null && right === Object.prototype) ||
    (left === Object.prototype && right === null);
}

/** Compares objects that hold one value; for all others the answer is left open. */
function compareLeaf(a: object, b: object): boolean | undefined {
  if (a instanceof RegExp || a instanceof URL) return String(a) === String(b);
  if (a instanceof Date || isBoxed(a)) return Object.is(a.valueOf(), b.valueOf());
  if (a instanceof WeakMap) throw new TypeError("Cannot compare WeakMap instances");
  if (a instanceof WeakSet) throw new TypeError("Cannot compare WeakSet instances");
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return compareViews(a, b);
  if (isBuffer(a) && isBuffer(b)) return compareBytes(new Uint8Array(a), new Uint8Array(b));
  return undefined;
}

function isBoxed(value: object): boolean {
  return value instanceof Number || value instanceof String || value instanceof Boolean ||
    value instanceof BigInt || value instanceof Symbol;
}

function isBuffer(value: object): value is ArrayBuffer | SharedArrayBuffer {
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

/** Compares numbers as numbers, so that `0` equals `-0` here as well, and a `DataView` as bytes. */
function compareViews(a: ArrayBufferView, b: ArrayBufferView): boolean {
  if (a.byteLength !== b.byteLength) return false;
  if (a instanceof DataView) {
    return compareBytes(
      new Uint8Array(a.buffer, a.byteOffset, a.byteLength),
      new Uint8Array(b.buffer, b.byteOffset, b.byteLength),
    );
  }
  return compareBytes(a as Uint8Array, b as Uint8Array);
}

function compareBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    if (a[index] !== b[index] && !Object.is(a[index], b[index])) return false;
  }
  return true;
}

function compareMaps(a: Map<unknown, unknown>, b: Map<unknown, unknown>, seen: Seen): boolean {
  if (a.size !== b.size) return false;
  if (a.keys().every(isPrimitive)) {
    return a.entries().every(([key, value]) => b.has(key) && compare(value, b.get(key), seen));
  }
  return pairUp([...a], [...b], (left, right) => compare(left, right, seen));
}

function compareSets(a: Set<unknown>, b: Set<unknown>, seen: Seen): boolean {
  if (a.size !== b.size) return false;
  if (a.keys().every(isPrimitive)) return a.isSubsetOf(b);
  return pairUp([...a], [...b], (left, right) => compare(left, right, seen));
}

function isPrimitive(value: unknown): boolean {
  return !isObject(value) && typeof value !== "function";
}

/** Gives every item on the left its own equal on the right; both have the same number. */
function pairUp<T>(left: T[], right: T[], same: (left: T, right: T) => boolean): boolean {
  return left.every((item) => {
    const match = right.findIndex((candidate) => same(item, candidate));
    if (match >= 0) right.splice(match, 1);
    return match >= 0;
  });
}

function compareProperties(a: object, b: object, seen: Seen): boolean {
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false;
  const plain = isPlain(a);
  const has = plain ? Object.hasOwn : Reflect.has;
  const keys = plain ? Reflect.ownKeys({ ...a, ...b }) : allKeys(a).union(allKeys(b));
  for (const key of keys) {
    if (has(a, key) !== has(b, key)) return false;
    if (!compare(Reflect.get(a, key), Reflect.get(b, key), seen)) return false;
  }
  return true;
}

/** Whether an object is a literal or an array, with no properties of interest to inherit. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || prototype === Array.prototype;
}

/** Own and inherited keys, enumerable or not, below what all objects or arrays have. */
function allKeys(value: object): Set<PropertyKey> {
  const keys = new Set<PropertyKey>();
  let owner: object | null = value;
  while (owner !== null && owner !== Object.prototype && owner !== Array.prototype) {
    for (const key of Reflect.ownKeys(owner)) keys.add(key);
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return keys;
}
