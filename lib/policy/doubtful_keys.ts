/** The key that `JSON.parse` takes as data and much other code as the prototype. */
export const PROTOTYPE_KEY = "__proto__";

/** How many keys a parsed value has; undefined where one is {@linkcode PROTOTYPE_KEY}. */
function countKeys(value: unknown): number | undefined {
  let count = 0;
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== "object" || next === null) continue;
    const keys = Object.keys(next);
    if (!Array.isArray(next)) count += keys.length;
    for (const key of keys) {
      if (key === PROTOTYPE_KEY) return undefined;
      const inner = (next as Record<string, unknown>)[key];
      if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
  return count;
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text[quote - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}

/**
 * How many keys stand in a text that is known to be JSON. A loop and not a regular expression,
 * whose stack a text of some megabytes would overflow.
 */
function countWritten(text: string): number {
  let written = 0;
  for (let open = text.indexOf('"'); open >= 0;) {
    let close = text.indexOf('"', open + 1);
    while (isEscaped(text, close)) close = text.indexOf('"', close + 1);
    let after = close + 1;
    while (text.charCodeAt(after) <= 0x20) after++;
    if (text[after] === ":") written++;
    open = text.indexOf('"', after);
  }
  return written;
}

/**
 * Whether some object of a JSON text has a key twice, or one that no program should trust. Both
 * parse: a reviewer sees the first value, the program takes the last.
 *
 * @param value What the text was parsed to.
 */
export function hasDoubtfulKeys(text: string, value: unknown): boolean {
  return countWritten(text) !== countKeys(value);
}
