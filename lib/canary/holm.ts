/**
 * Adjusts p-values so that rejecting every hypothesis with a value at or below `alpha` rejects a
 * true one with probability at most `alpha`, however the tests depend on each other: S. Holm, "A
 * simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (2),
 * 1979, pages 65-70.
 *
 * It keeps that promise for p-values that are watched over time, if each is always valid and never
 * rises: then their final values are p-values too, Holm's procedure holds for these, and whatever is
 * rejected earlier is among what is rejected in the end.
 *
 * @returns The adjusted values, in the order given, each at most 1.
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const adjusted = new Array<number>(values.length);
  let floor = 0;
  order.forEach((at, rank) => {
    floor = Math.max(floor, Math.min(1, values[at]! * (values.length - rank)));
    adjusted[at] = floor;
  });
  return adjusted;
}
