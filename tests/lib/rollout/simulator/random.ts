/** A repeatable source of choices. */
export interface Random {
  /** In 0..1, 1 excluded. */
  next(): number;
  /** Integer in `low`..`high`, both included. */
  int(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
}

/** sfc32, the small fast counter generator of Chris Doty-Humphrey's PractRand. */
export function seeded(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, 0x2545f491, 0x9e3779b9 | 0, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let mixed = 0; mixed < 12; mixed++) next();
  return {
    next,
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick<T>(items: readonly T[]): T {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError("Cannot pick: nothing to pick from");
      return item;
    },
    chance: (probability) => next() < probability,
  };
}
