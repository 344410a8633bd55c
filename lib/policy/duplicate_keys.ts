function countKeys(value: unknown): number {
  let count = 0;
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== "object" || next === null) continue;
    const keys = Object.keys(next);
    if (!Array.isArray(next)) count += keys.length;
    for (const key of keys) {
      const inner = (next as Record<string, unknown>)[key];
      if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
  return count;
}

/**
 * Whether some object of a JSON text has a key twice, which `JSON.parse` accepts: a reviewer sees
 * the first value, the program takes the last. Counts keys in the text and in what was parsed.
 */
export function writesKeysTwice(text: string, value: unknown): boolean {
  let written = 0;
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) {
    if (match[1] !== undefined) written++;
  }
  return written !== countKeys(value);
}
