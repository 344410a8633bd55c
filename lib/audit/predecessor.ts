/**
 * The line form of logs begun before `schema_version` 2, which stay readable.
 *
 * Such a line has its keys in code point order, a space after each `,` and `:`, and numbers as the
 * writer spelt them (`1771718400.0`, `1e-07`). It was hashed without those spaces, so numbers are
 * kept as their source text: parsing and printing them would change the hash.
 *
 * @module
 */

/** A number as it stands in the text. */
class Spelling {
  constructor(readonly source: string) {}
}

/** The members of an entry; numbers are kept as they were spelt. */
export type PredecessorEntry = Map<string, unknown>;

const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-][0-9]{2,3})?$/;

/** Parses a line, or gives `undefined` if these bytes are not how that writer spells the entry. */
export function parsePredecessor(text: string): PredecessorEntry | undefined {
  const keep = (_key: string, value: unknown, { source }: { source?: string } = {}) => {
    if (typeof value === "number") return new Spelling(source!);
    if (typeof value !== "object" || value === null) return value;
    return Array.isArray(value) || value instanceof Spelling ? value : sorted(value);
  };
  const entry: unknown = JSON.parse(text, keep);
  if (!(entry instanceof Map)) return undefined;
  return print(entry, ", ", ": ") === text ? entry : undefined;
}

/** The text that was hashed. */
export function compactPredecessor(entry: PredecessorEntry): string {
  return print(entry, ",", ":")!;
}

function sorted(value: object): Map<string, unknown> {
  return new Map(Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b)));
}

function print(value: unknown, comma: string, colon: string): string | undefined {
  if (value instanceof Spelling) return NUMBER.test(value.source) ? value.source : undefined;
  if (value instanceof Map) {
    const members = [...value].map(([key, member]) => {
      return `${JSON.stringify(key)}${colon}${print(member, comma, colon)}`;
    });
    return `{${members.join(comma)}}`;
  }
  if (!Array.isArray(value)) return JSON.stringify(value);
  return `[${value.map((item) => print(item, comma, colon)).join(comma)}]`;
}

/** UTF-16 order differs from this above U+FFFF. */
function compareCodePoints(a: string, b: string): number {
  const left = [...a], right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
