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

/**
 * Loads the order of SemVer 2.0.0 (clause 11): numeric identifiers as numbers, a prerelease before
 * its release, build metadata ignored. Loaded only where an order is needed, because it costs as
 * much start-up time as everything else a gate loads.
 *
 * @returns A comparison that is negative when `a` precedes `b`; it throws on what is no version.
 */
export async function semverOrder(): Promise<(a: string, b: string) => number> {
  // @ts-types="@types/semver/functions/compare.d.ts"
  const { default: compare } = await import("semver/functions/compare.js");
  return (a, b) => {
    for (const text of [a, b]) {
      if (!isSemver(text)) {
        throw new RangeError(`Cannot order versions: "${text}" is not SemVer 2.0.0`);
      }
    }
    return compare(a, b);
  };
}
