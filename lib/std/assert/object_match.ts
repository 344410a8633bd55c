import { assertEquals } from "./equals.ts";

/**
 * Asserts that an object has at least the expected properties with equal values.
 *
 * The same holds for objects, arrays and maps inside it: further keys, further map entries and further
 * items at the end of an array do not matter. Everything else is compared as `assertEquals` does.
 *
 * @throws {AssertionError} If an expected property is missing or differs.
 */
export function assertObjectMatch(
  actual: object,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals<unknown>(select(actual, expected, []), select(expected, expected, []), msg);
}

/** A pair whose selection is under way, so that a cycle ends in the selection itself. */
interface Open {
  actual: object;
  expected: object;
  selected: unknown;
}

/** The part of a value that the expected value speaks about. */
function select(actual: unknown, expected: unknown, open: readonly Open[]): unknown {
  if (!isObject(actual) || !isObject(expected)) return actual;
  const known = open.find((pair) => pair.actual === actual && pair.expected === expected);
  if (known) return known.selected;
  if (Array.isArray(actual) && Array.isArray(expected)) {
    const selected: unknown[] = [];
    const inner = [...open, { actual, expected, selected }];
    const items = actual.slice(0, expected.length);
    items.forEach((item, index) => selected[index] = select(item, expected[index], inner));
    selected.length = items.length;
    return selected;
  }
  if (actual instanceof Map && expected instanceof Map) {
    const selected = new Map<unknown, unknown>();
    const inner = [...open, { actual, expected, selected }];
    for (const [key, value] of actual) {
      if (expected.has(key)) selected.set(key, select(value, expected.get(key), inner));
    }
    return selected;
  }
  return isRecord(expected) && !Array.isArray(actual)
    ? selectProperties(actual, expected, open)
    : actual;
}

function selectProperties(actual: object, expected: object, open: readonly Open[]): object {
  const selected: Record<PropertyKey, unknown> = {};
  const inner = [...open, { actual, expected, selected }];
  for (const key of Reflect.ownKeys(expected)) {
    if (!(key in actual)) continue;
    selected[key] = select(Reflect.get(actual, key), Reflect.get(expected, key), inner);
  }
  return selected;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Whether an object is a bag of properties rather than a date, an error, a `Temporal` value, ... */
function isRecord(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Object]";
}
