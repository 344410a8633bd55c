import { changelogSections } from "../governance/changelog.ts";
import { isSemver } from "../project/semver.ts";

/** What the changelog warns of, for one version. */
export interface BreakingNotes {
  version: string;
  /** Line of the version's heading, from 1. */
  line: number;
  /** Lines that speak of breaking, removing or migrating. */
  notes: string[];
}

const WARNS = /\bbreak(?:s|ing)?\b|\bremov(?:e|es|ed|al)\b|\bmigrat(?:e|es|ed|ion)\b/i;

/**
 * Notes about the versions that a move passes: above the lower one, up to the higher one, lowest
 * first.
 */
export function breakingNotes(
  changelog: string,
  { low, high }: { low: string; high: string },
  compare: (a: string, b: string) => number,
): BreakingNotes[] {
  return changelogSections(changelog)
    .filter(({ version }) =>
      isSemver(version) && compare(version, low) > 0 && compare(version, high) <= 0
    )
    .sort((a, b) => compare(a.version, b.version))
    .map(({ version, line, body }) => ({
      version,
      line,
      notes: body.split("\n").map((text) => text.trim()).filter((text) => WARNS.test(text)),
    }));
}
