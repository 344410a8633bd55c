const NUMBER = String.raw`(?:0|[1-9]\d*)`;
const IDENTIFIER = String.raw`(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)`;
const BUILD = String.raw`[0-9a-zA-Z-]+`;

/** The grammar of SemVer 2.0.0, clauses 2, 9 and 10: no leading `v`, no leading zeros. */
const SEMVER = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}` +
    `(?:-${IDENTIFIER}(?:\\.${IDENTIFIER})*)?(?:\\+${BUILD}(?:\\.${BUILD})*)?$`,
);

/** Whether a text is a version by SemVer 2.0.0. */
export function isSemver(text: string): boolean {
  return text.length <= 256 && SEMVER.test(text);
}

/** Whether a text is a state schema version, `<number>.<number>`. */
export function isSchemaVersion(text: string): boolean {
  return new RegExp(`^${NUMBER}\\.${NUMBER}$`).test(text);
}

/** Numeric identifiers as numbers, below all others; the others in ASCII order. */
function compareIdentifiers(a: string, b: string): number {
  const [aNumeric, bNumeric] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aNumeric !== bNumeric) return aNumeric ? -1 : 1;
  // Without leading zeros the longer number is the greater one, whatever its size.
  if (aNumeric && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [at, identifier] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1; // more identifiers, all before them equal
    const order = compareIdentifiers(identifier, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/**
 * Precedence by SemVer 2.0.0, clause 11: negative if `a` is lower, 0 if equal, positive if higher.
 * Build metadata does not count.
 *
 * Written out, and tested against the reference implementation, because loading that one costs a
 * gate almost as much start-up time as an empty program.
 *
 * @throws {RangeError} If one of them is not a version.
 */
export function compareVersions(a: string, b: string): number {
  for (const text of [a, b]) {
    if (!isSemver(text)) {
      throw new RangeError(`Cannot order versions: "${text}" is not SemVer 2.0.0`);
    }
  }
  const [aCore = "", ...aRest] = a.split("+", 1)[0]!.split("-");
  const [bCore = "", ...bRest] = b.split("+", 1)[0]!.split("-");
  const core = compareLists(aCore.split("."), bCore.split("."));
  if (core !== 0) return core;
  const [aPre, bPre] = [aRest.join("-"), bRest.join("-")];
  if (aPre === "" || bPre === "") return Number(aPre === "") - Number(bPre === "");
  return compareLists(aPre.split("."), bPre.split("."));
}
