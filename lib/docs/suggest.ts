import { closestMatch } from "leven";

/** Above this many candidates only those of similar length are compared. */
const MANY = 2_000;

/**
 * The candidate a writer most likely meant: equal but for case, else nearest by edit distance
 * (Levenshtein) within `maxRatio` of the word's length; `undefined` when none is near.
 *
 * @param maxRatio Edits allowed per character of the word, 0 to 1; one third unless given.
 */
export function suggest(
  word: string,
  candidates: Iterable<string>,
  { maxRatio }: { maxRatio?: number } = {},
): string | undefined {
  const pool = [...candidates];
  const folded = word.toLowerCase();
  const sameButCase = pool.find((candidate) => candidate.toLowerCase() === folded);
  if (sameButCase !== undefined) return sameButCase;
  const least = maxRatio === undefined && word.length >= 4 ? 2 : 1; // two letters changing places
  const maxDistance = Math.max(least, Math.floor(word.length * (maxRatio ?? 0.34)));
  const near = pool.length <= MANY
    ? pool
    : pool.filter((candidate) => Math.abs(candidate.length - word.length) <= maxDistance);
  return closestMatch(word, near, { maxDistance });
}
