/** Alternatives one brace list, or several together, may expand to. */
const EXPANSION_LIMIT = 256;

/** Whether a token is meant as a pattern over paths. */
export function isGlob(token: string): boolean {
  return /[*?]|\[[^\]/]+\]/.test(token);
}

/**
 * Expands `{a,b}` as a shell does; `{name}` without a comma stays as it is.
 *
 * At most 256 alternatives come back; a list that would give more is returned unexpanded.
 */
export function expandBraces(token: string): string[] {
  let tokens = [token];
  for (let round = 0; round < 16; round++) {
    const next = tokens.flatMap(expandFirst);
    if (next.length === tokens.length) return tokens;
    if (next.length > EXPANSION_LIMIT) return [token];
    tokens = next;
  }
  return [token];
}

function expandFirst(token: string): string[] {
  const list = /\{([^{}]*,[^{}]*)\}/.exec(token);
  if (list === null) return [token];
  const before = token.slice(0, list.index);
  const after = token.slice(list.index + list[0].length);
  return (list[1] ?? "").split(",").map((item) => before + item + after);
}

/** Matches one path segment against `*`, `?` and `[abc]`, in time pattern × segment. */
function segmentMatches(pattern: string, segment: string): boolean {
  let p = 0;
  let s = 0;
  let star = -1;
  let resume = 0;
  while (s < segment.length) {
    const step = p < pattern.length ? stepOver(pattern, p, segment[s] ?? "") : 0;
    if (pattern[p] === "*") {
      star = p++;
      resume = s;
    } else if (step > 0) {
      p += step;
      s++;
    } else if (star >= 0) {
      p = star + 1;
      s = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Length of the pattern element at `at` when it takes the character, else 0. */
function stepOver(pattern: string, at: number, character: string): number {
  if (pattern[at] === "?") return 1;
  if (pattern[at] !== "[") return pattern[at] === character ? 1 : 0;
  const close = pattern.indexOf("]", at + 2);
  if (close < 0) return character === "[" ? 1 : 0;
  const negated = /[!^]/.test(pattern[at + 1] ?? "");
  const set = pattern.slice(at + (negated ? 2 : 1), close);
  let inside = false;
  for (let i = 0; i < set.length && !inside; i++) {
    const range = set[i + 1] === "-" && i + 2 < set.length;
    inside = range
      ? (set[i] ?? "") <= character && character <= (set[i + 2] ?? "")
      : set[i] === character;
    if (range) i += 2;
  }
  return inside !== negated ? close - at + 1 : 0;
}

/**
 * Whether a path matches a pattern. `**` as a whole segment stands for any number of folders, the
 * other wildcards never cross `/`. Braces must be expanded before.
 */
export function globMatches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const found = path.split("/");
  let reachable = new Set([0]);
  for (const part of wanted) {
    const next = new Set<number>();
    for (const at of reachable) {
      if (part === "**") { for (let i = at; i <= found.length; i++) next.add(i); }
      else if (at < found.length && segmentMatches(part, found[at] ?? "")) next.add(at + 1);
    }
    if (next.size === 0) return false;
    reachable = next;
  }
  return reachable.has(found.length);
}
