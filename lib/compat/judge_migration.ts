import type { Loaded } from "../policy/load.ts";
import type { ReleaseCompatMatrix } from "../policy/release_compat_matrix.ts";
import type { ReleasePolicy } from "../policy/release_policy.ts";
import { isSemver } from "../project/semver.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import type { MigrationVersions } from "./migration_versions.ts";
import { type Hop, type TestedCase, testedWay, type VersionGraph } from "./version_graph.ts";

/** What a migration is judged by. */
export interface MigrationFacts {
  versions: MigrationVersions;
  direction: "upgrade" | "downgrade" | "same" | "unknown";
  /** What the code states; empty when it states nothing. */
  initVersion: string;
  currentSchema: string;
  cases: readonly TestedCase[];
  graph: VersionGraph;
}

/** The tested way there and the tested way back. */
export interface Ways {
  there: Hop[] | undefined;
  back: Hop[] | undefined;
}

/** Finds the ways: up by upgrades and back by rollbacks, or the other way round. */
export function migrationWays({ versions, direction, graph }: MigrationFacts): Ways {
  const { from, to } = versions;
  if (direction === "unknown") return { there: undefined, back: undefined };
  if (direction === "same") return { there: [], back: [] };
  const [there, back] = direction === "upgrade"
    ? [graph.upgrades, graph.rollbacks]
    : [graph.rollbacks, graph.upgrades];
  return { there: testedWay(there, from, to), back: testedWay(back, to, from) };
}

const inWords = (way: readonly Hop[] | undefined, start: string): unknown =>
  way === undefined
    ? "no tested way"
    : { way: [start, ...way.map(({ to }) => to)], cases: way.flatMap(({ cases }) => cases) };

function versionRows({ versions, initVersion }: MigrationFacts, gate: Mode): Check[] {
  const { from, fromRule, to, toRule } = versions;
  const row = (id: string, version: string, rule: string, flag: string): Check => ({
    id,
    ok: isSemver(version),
    mode: "enforce",
    value: { version, rule },
    expect: "a version by SemVer 2.0.0",
    hint: `name it with ${flag}`,
  });
  return [
    row("from_version_semver", from, fromRule, "--from-version"),
    row("to_version_semver", to, toRule, "--to-version"),
    {
      id: "target_version_matches_init",
      ok: initVersion === "" || initVersion === to,
      mode: gate,
      value: { target: to, code: initVersion },
      expect: "the version that the code states",
      hint: "check out the target's code, or correct --to-version",
    },
  ];
}

/** Rows about single cases, under the names that older consumers know. */
function caseRows(facts: MigrationFacts, { there, back }: Ways, gate: Mode): Check[] {
  const { versions: { from, to }, direction, cases } = facts;
  const readable = cases.filter((one) => one.expect_readable);
  const upgrades = readable.filter((one) => one.direction === "upgrade" && one.to_version === to);
  const rollbacks = readable.filter((one) =>
    one.direction === "rollback" && (one.to_version === to || one.from_version === to)
  );
  const exact = upgrades.filter((one) => one.from_version === from);
  const rows: Check[] = direction === "downgrade"
    ? ["upgrade_case_for_target_exists", "upgrade_case_exact_or_equivalent"].map((id) =>
      notApplicable(id, `an upgrade to ${to}`, `going from ${from} to ${to} is a downgrade`)
    )
    : [{
      id: "upgrade_case_for_target_exists",
      ok: upgrades.length > 0,
      mode: "enforce",
      value: { cases: upgrades.map(({ id }) => id), examined: cases.length },
      expect: `an upgrade to ${to}`,
      hint: `add an upgrade with to_version ${to} to the compatibility matrix`,
    }, {
      id: "upgrade_case_exact_or_equivalent",
      ok: exact.length > 0 || (direction === "same" && upgrades.length > 0) ||
        (there !== undefined && there.length > 1),
      mode: gate,
      value: { exact: exact.map(({ id }) => id), way: inWords(there, from) },
      expect: `an upgrade from ${from} to ${to}, or a tested way of several`,
      hint: `add an upgrade from ${from} to ${to} to the compatibility matrix`,
    }];
  return [...rows, {
    id: "rollback_path_to_target_exists",
    ok: rollbacks.length > 0 || (direction !== "same" && back !== undefined),
    mode: "enforce",
    value: { cases: rollbacks.map(({ id }) => id), examined: cases.length },
    expect: `a rollback that touches ${to}`,
    hint: `add a rollback from ${to}, or from its successor to it, to the compatibility matrix`,
  }];
}

function wayRows(facts: MigrationFacts, { there, back }: Ways): Check[] {
  const { versions: { from, to }, direction } = facts;
  const up = direction !== "downgrade";
  const rows = [
    {
      id: up ? "upgrade_path_tested" : "rollback_path_tested",
      way: there,
      start: from,
      expect: `tested ${up ? "upgrades" : "rollbacks"} from ${from} to ${to}`,
      hint: `add the missing ${up ? "upgrade" : "rollback"} to the compatibility matrix`,
    },
    {
      id: up ? "rollback_path_from_target_tested" : "upgrade_path_back_tested",
      way: back,
      start: to,
      expect: `tested ${up ? "rollbacks" : "upgrades"} from ${to} back to ${from}`,
      hint: `add the missing ${up ? "rollback" : "upgrade"}, from ${to} to ${from} or in hops`,
    },
  ];
  if (direction === "same") {
    const reason = `${to} is in place already: there is no way to go`;
    return rows.map(({ id, expect }) => notApplicable(id, expect, reason));
  }
  return rows.map(({ id, way, start, expect, hint }) => ({
    id,
    ok: way !== undefined,
    mode: "enforce",
    value: inWords(way, start),
    expect,
    hint,
  }));
}

/** Same facts: same checks. */
export function judgeMigration(facts: MigrationFacts, ways: Ways, gate: Mode): Check[] {
  return [
    ...versionRows(facts, gate),
    ...caseRows(facts, ways, gate),
    ...wayRows(facts, ways),
    {
      id: "policy_current_schema_present",
      ok: facts.currentSchema !== "",
      mode: "enforce",
      value: facts.currentSchema,
      expect: "state_schema.current",
      hint: "declare state_schema in the release policy",
    },
  ];
}

/** Rows that say why there is nothing to plan from. */
export function withoutPlanRows(
  matrix: Loaded<ReleaseCompatMatrix>,
  policy: Loaded<ReleasePolicy>,
): Check[] {
  const policyRow = loadedCheck("policy_loaded", policy, "enforce");
  if (policy.state !== "ok" || policy.value.state_schema !== undefined) {
    return [loadedCheck("matrix_loaded", matrix, "enforce"), policyRow];
  }
  const reason = `${policy.path} declares no state schema`;
  if (matrix.state === "missing") {
    return [notApplicable("matrix_loaded", "cases over state", reason), policyRow];
  }
  return [loadedCheck("matrix_loaded", matrix, "enforce"), policyRow, {
    id: "policy_current_schema_present",
    ok: false,
    mode: "enforce",
    value: "state_schema is missing",
    expect: "state_schema.current",
    hint: `declare state_schema in ${policy.path}`,
    location: { file: policy.path },
  }];
}
