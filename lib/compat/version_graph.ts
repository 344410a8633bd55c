import type { CaseResult } from "./judge_case.ts";
import { type Edge, shortestPath } from "./shortest_path.ts";

/** The part of a case that says which move between two versions it tests. */
export type TestedCase = Pick<
  CaseResult,
  | "id"
  | "direction"
  | "from_version"
  | "to_version"
  | "from_schema"
  | "to_schema"
  | "expect_readable"
  | "ok"
>;

/** A move between two versions with the cases that test it. */
export interface Hop extends Edge {
  direction: "upgrade" | "rollback";
  from_schema: string;
  to_schema: string;
  cases: string[];
}

/** Moves between versions that cases test, by direction. */
export interface VersionGraph {
  upgrades: Hop[];
  rollbacks: Hop[];
  /** Every version that a case names, lowest first. */
  versions: string[];
}

function hops(
  cases: readonly TestedCase[],
  direction: Hop["direction"],
  compare: (a: string, b: string) => number,
): Hop[] {
  const found = new Map<string, Hop & { ok: boolean }>();
  for (const one of cases) {
    if (one.direction !== direction || !one.expect_readable) continue;
    const { from_version: from, to_version: to, from_schema, to_schema } = one;
    if (from === to) continue;
    const key = `${from}>${to}`;
    const hop = found.get(key) ??
      { from, to, direction, from_schema, to_schema, cases: [], ok: true };
    hop.cases.push(one.id);
    hop.ok &&= one.ok;
    found.set(key, hop);
  }
  return [...found.values()].filter(({ ok }) => ok)
    .map(({ ok: _ok, ...hop }) => hop)
    .sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
}

/**
 * The directed graph of versions: one edge for each move that some case tests and no case fails.
 * Only versions by SemVer 2.0.0 take part.
 */
export function versionGraph(
  cases: readonly TestedCase[],
  isVersion: (text: string) => boolean,
  compare: (a: string, b: string) => number,
): VersionGraph {
  const sound = cases.filter((one) => isVersion(one.from_version) && isVersion(one.to_version));
  const versions = new Set(sound.flatMap((one) => [one.from_version, one.to_version]));
  return {
    upgrades: hops(sound, "upgrade", compare),
    rollbacks: hops(sound, "rollback", compare),
    versions: [...versions].sort(compare),
  };
}

/** The shortest tested way from one version to another; undefined when there is none. */
export function testedWay(hops: readonly Hop[], from: string, to: string): Hop[] | undefined {
  return shortestPath(hops, from, to);
}
