// @ts-types="@types/semver/functions/compare.d.ts"
import compare from "semver/functions/compare.js";

/**
 * Precedence by SemVer 2.0.0 section 11: negative if `a` is lower, 0 if equal (build parts do not
 * count), positive if higher. For callers that always need an order; others load `semverOrder`.
 *
 * @throws {TypeError} If one of them is not a version.
 */
export function compareVersions(a: string, b: string): number {
  return compare(a, b);
}
