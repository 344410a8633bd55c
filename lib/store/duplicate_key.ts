/** Strings and the characters that give JSON its structure; numbers and words between them. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/**
 * The first key that an object in a JSON text has twice; undefined if there is none.
 *
 * Parsers disagree about which of the two counts (RFC 8259 section 4), so a text with one may mean
 * one thing where it is verified and another where it is used. Keys are compared as they are meant:
 * `"a"` and `"\u0061"` are the same.
 *
 * @param text Valid JSON.
 */
export function duplicateKey(text: string): string | undefined {
  const objects: (Set<string> | undefined)[] = [];
  let keyNext = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const keys = objects.at(-1);
    if (token === "{" || token === "[") objects.push(token === "{" ? new Set() : undefined);
    else if (token === "}" || token === "]") objects.pop();
    else if (token !== "," && keyNext && keys !== undefined) {
      const key = JSON.parse(token) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
    keyNext = token === "{" || token === ",";
  }
  return undefined;
}
