/** Events of one group in one window, and how many of them were bad. */
export interface Counts {
  total: number;
  bad: number;
}

/** The same window of both groups. */
export interface Pair {
  canary: Counts;
  baseline: Counts;
}

/** Share of bad events, 0..1; 0 where there are no events. */
export function shareOf({ total, bad }: Counts): number {
  return total === 0 ? 0 : bad / total;
}

/** Adds up windows. */
export function sumPairs(pairs: readonly Pair[]): Pair {
  const sum = (group: keyof Pair): Counts => ({
    total: pairs.reduce((total, pair) => total + pair[group].total, 0),
    bad: pairs.reduce((bad, pair) => bad + pair[group].bad, 0),
  });
  return { canary: sum("canary"), baseline: sum("baseline") };
}
