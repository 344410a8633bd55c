import { isSemver } from "../project/semver.ts";

/** Where a version of the plan comes from. */
export type VersionRule =
  | "flag"
  | "code"
  | "stable_channel"
  | "nearest_lower_in_matrix"
  | "same_as_target"
  | "none";

/** From which version to which, and by which rule each was found. */
export interface MigrationVersions {
  /** Empty when nothing says it. */
  from: string;
  fromRule: VersionRule;
  to: string;
  toRule: VersionRule;
}

/** What the versions of a plan may be taken from. */
export interface VersionHints {
  fromFlag: string | undefined;
  toFlag: string | undefined;
  /** What the code states; empty when it states nothing. */
  code: string;
  /** What the stable channel serves; undefined without a registry. */
  stable: string | undefined;
  /** Versions that the matrix names. */
  matrix: readonly string[];
}

function inferFrom(
  to: string,
  { stable, matrix }: VersionHints,
  compare: (a: string, b: string) => number,
): [string, VersionRule] {
  if (stable !== undefined && isSemver(stable) && stable !== to) return [stable, "stable_channel"];
  if (!isSemver(to)) return ["", "none"];
  const lower = matrix.filter((version) => compare(version, to) < 0).sort(compare).at(-1);
  return lower === undefined ? [to, "same_as_target"] : [lower, "nearest_lower_in_matrix"];
}

/**
 * Finds the versions of a plan. The target is the flag's, else the code's. The source is the flag's,
 * else what the stable channel serves; where that is the target already, the nearest lower version
 * of the matrix: the one that installations which lag behind still have, and that a rollback goes to.
 */
export function migrationVersions(
  hints: VersionHints,
  compare: (a: string, b: string) => number,
): MigrationVersions {
  const { fromFlag, toFlag, code } = hints;
  const [to, toRule]: [string, VersionRule] = toFlag !== undefined
    ? [toFlag, "flag"]
    : code === ""
    ? ["", "none"]
    : [code, "code"];
  const [from, fromRule]: [string, VersionRule] = fromFlag !== undefined
    ? [fromFlag, "flag"]
    : inferFrom(to, hints, compare);
  return { from, fromRule, to, toRule };
}

/** Whether the plan goes up, down, or nowhere (build metadata does not count). */
export function moveDirection(
  { from, to }: Pick<MigrationVersions, "from" | "to">,
  compare: (a: string, b: string) => number,
): "upgrade" | "downgrade" | "same" | "unknown" {
  if (!isSemver(from) || !isSemver(to)) return "unknown";
  const order = compare(from, to);
  return order < 0 ? "upgrade" : order > 0 ? "downgrade" : "same";
}
