import { pointerOf } from "../text/json_pointer.ts";

/** A persistent state: one JSON object. */
export type StateDocument = Record<string, unknown>;

/** Whether a JSON value is an object. */
export function isDocument(value: unknown): value is StateDocument {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Deepest nesting of a state document; beyond it, comparing would exhaust the stack. */
const MOST_LEVELS = 500;

/** Whether a JSON value is nested deeper than 500 levels. */
export function tooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MOST_LEVELS; depth++) {
    level = level.flatMap((one) =>
      typeof one === "object" && one !== null ? Object.values(one) : []
    );
    if (level.length === 0) return false;
  }
  return true;
}

/** A key written as a JSON pointer; policies name keys either way. */
export function asPointer(key: string): string {
  return key.startsWith("/") ? key : pointerOf([key]);
}

type NumberReviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: NumberReviver) => unknown;

/**
 * Numbers of a JSON text that reading it as IEEE 754 doubles changes: integers beyond 2^53 that are
 * no double, and magnitudes beyond the largest one.
 */
export function lossyNumbers(text: string): string[] {
  const found: string[] = [];
  parseWithSource(text, (_key, value, { source }) => {
    if (typeof value === "number" && source !== undefined) {
      const lost = !Number.isFinite(value) ||
        (/^-?\d+$/.test(source) && BigInt(source) !== BigInt(value));
      if (lost) found.push(source.length > 40 ? `${source.slice(0, 37)}...` : source);
    }
    return value;
  });
  return found;
}

/** Pointers of all members and items of a JSON value, outermost first. */
export function pointersOf(value: unknown, at = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const pointer = at + pointerOf([key]);
    return [pointer, ...pointersOf(inner, pointer)];
  });
}
