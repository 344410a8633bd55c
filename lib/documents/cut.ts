/** Entries a list inside a check shows. */
export const SHOWN = 120;

/** A list that may have been shortened; the total never is. */
export interface Cut<T> {
  total: number;
  shown: T[];
  truncated: boolean;
}

/** Shows at most `most` entries of a list, and says so. */
export function cut<T>(items: readonly T[], most: number): Cut<T> {
  return { total: items.length, shown: items.slice(0, most), truncated: items.length > most };
}
