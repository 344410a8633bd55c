/** One line of a difference: only in the actual value, only in the expected one, or in both. */
export interface DiffLine {
  side: "actual" | "expected" | "both";
  text: string;
}

/** Above this many cells the table of common subsequences is not built: 16 MB. */
const MAX_CELLS = 4_000_000;

/** Shortest line-by-line difference, by longest common subsequence. */
export function diffLines(actual: string[], expected: string[]): DiffLine[] {
  const shorter = Math.min(actual.length, expected.length);
  let head = 0;
  while (head < shorter && actual[head] === expected[head]) head++;
  let tail = 0;
  while (tail < shorter - head && actual.at(-1 - tail) === expected.at(-1 - tail)) tail++;
  return [
    ...marked("both", actual.slice(0, head)),
    ...diffMiddle(
      actual.slice(head, actual.length - tail),
      expected.slice(head, expected.length - tail),
    ),
    ...marked("both", actual.slice(actual.length - tail)),
  ];
}

function marked(side: DiffLine["side"], lines: string[]): DiffLine[] {
  return lines.map((text) => ({ side, text }));
}

function diffMiddle(actual: string[], expected: string[]): DiffLine[] {
  if ((actual.length + 1) * (expected.length + 1) > MAX_CELLS) {
    return [...marked("actual", actual), ...marked("expected", expected)];
  }
  const common = commonLengths(actual, expected);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < actual.length && j < expected.length) {
    if (actual[i] === expected[j]) {
      lines.push(...marked("both", actual.slice(i, i + 1)));
      [i, j] = [i + 1, j + 1];
    } else if (common(i + 1, j) >= common(i, j + 1)) {
      lines.push(...marked("actual", actual.slice(i, ++i)));
    } else lines.push(...marked("expected", expected.slice(j, ++j)));
  }
  return [...lines, ...marked("actual", actual.slice(i)), ...marked("expected", expected.slice(j))];
}

/** Length of the longest common subsequence of what follows line `i` and line `j`. */
function commonLengths(actual: string[], expected: string[]): (i: number, j: number) => number {
  const width = expected.length + 1;
  const cells = new Uint32Array((actual.length + 1) * width);
  const at = (i: number, j: number): number => cells[i * width + j] ?? 0;
  for (let i = actual.length - 1; i >= 0; i--) {
    for (let j = expected.length - 1; j >= 0; j--) {
      cells[i * width + j] = actual[i] === expected[j]
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return at;
}
