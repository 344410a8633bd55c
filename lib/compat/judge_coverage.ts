import { isSemver } from "../project/semver.ts";
import { type Check, notApplicable } from "../report/check.ts";
import type { CaseTerms, MatrixTerms } from "./case_terms.ts";
import type { CaseResult } from "./judge_case.ts";
import { lineFaults } from "./schema_line.ts";

interface Coverage {
  id: string;
  rule: keyof MatrixTerms["matrix"]["rules"];
  expect: string;
  /** Which neighbour of the current schema it is about. */
  neighbour?: "previous" | "next";
  covers(terms: CaseTerms): boolean;
}

function coverages({ line }: MatrixTerms): Coverage[] {
  const { current } = line;
  return [
    {
      id: "matrix_covers_upgrade_current_schema",
      rule: "require_upgrade_case_for_current_schema",
      expect: `an upgrade to schema ${current}`,
      covers: ({ direction, toSchema }) => direction === "upgrade" && toSchema === current,
    },
    {
      id: "matrix_covers_rollback_current_schema",
      rule: "require_rollback_case_for_current_schema",
      expect: `a rollback to schema ${current}`,
      covers: ({ direction, toSchema }) => direction === "rollback" && toSchema === current,
    },
    {
      id: "matrix_covers_n_minus_one_upgrade_case",
      rule: "require_n_minus_one_upgrade_case",
      neighbour: "previous",
      expect: `an upgrade from schema ${line.previous ?? "N-1"} (N-1) to ${current}`,
      covers: ({ direction, fromSchema, toSchema }) =>
        direction === "upgrade" && toSchema === current && line.isPrevious(fromSchema),
    },
    {
      id: "matrix_covers_n_plus_one_upgrade_case",
      rule: "require_n_plus_one_upgrade_case",
      neighbour: "next",
      expect: `an upgrade from schema ${current} to ${line.next} (N+1)`,
      covers: ({ direction, fromSchema, toSchema }) =>
        direction === "upgrade" && fromSchema === current && line.isNext(toSchema),
    },
    {
      id: "matrix_covers_n_plus_one_rollback_case",
      rule: "require_n_plus_one_rollback_case",
      neighbour: "next",
      expect: `a rollback from schema ${line.next} (N+1) to ${current}`,
      covers: ({ direction, fromSchema, toSchema }) =>
        direction === "rollback" && toSchema === current && line.isNext(fromSchema),
    },
  ];
}

function coverageRow(coverage: Coverage, cases: readonly CaseTerms[], terms: MatrixTerms): Check {
  const { id, rule, expect } = coverage;
  const { line, matrix } = terms;
  if (!matrix.rules[rule]) return notApplicable(id, expect, `rules.${rule} is off`);
  if (coverage.neighbour === "previous" && line.previous === undefined) {
    return notApplicable(id, expect, `schema ${line.current} is the first one`);
  }
  const covering = cases.filter((one) => one.declared.expect_readable && coverage.covers(one))
    .map((one) => one.id);
  const assumed = coverage.neighbour === undefined ? undefined : line.assumed[coverage.neighbour];
  return {
    id,
    ok: covering.length > 0,
    mode: "enforce",
    value: {
      cases: covering,
      examined: cases.length,
      ...(assumed === undefined ? {} : { assumed }),
    },
    expect,
    hint: `add the case to the matrix, or turn rules.${rule} off`,
  };
}

/** A case that must fail counts only once it did, for the reasons it names. */
function failureModeRow(results: readonly CaseResult[], { matrix }: MatrixTerms): Check {
  const id = "matrix_covers_failure_mode_case";
  const expect = "a case that must fail, and does";
  if (!matrix.rules.require_failure_mode_case) {
    return notApplicable(id, expect, "rules.require_failure_mode_case is off");
  }
  const negative = results.filter((one) => !one.expect_readable);
  return {
    id,
    ok: negative.some((one) => one.ok),
    mode: "enforce",
    value: { cases: negative.filter((one) => one.ok).map((one) => one.id), of: negative.length },
    expect,
    hint: "add a case with expect_readable false whose fixture is there and is refused",
  };
}

function releaseVersionRow(cases: readonly CaseTerms[], terms: MatrixTerms): Check {
  const { policy, gate } = terms;
  const version = policy.app_version;
  const readable = cases.filter(({ declared }) => declared.expect_readable);
  const lands = readable.filter((one) => one.direction === "upgrade" && one.toVersion === version);
  const leaves = readable.filter((one) =>
    one.direction === "rollback" && one.fromVersion === version
  );
  return {
    id: "matrix_covers_release_version",
    ok: lands.length > 0 && leaves.length > 0,
    mode: gate,
    value: { upgrades: lands.map(({ id }) => id), rollbacks: leaves.map(({ id }) => id) },
    expect: `an upgrade to ${version} and a rollback from it`,
    hint: `add cases whose to_version (upgrade) and from_version (rollback) is ${version}`,
  };
}

/** Consistency of the declarations themselves. */
export function judgeDeclarations(cases: readonly CaseTerms[], terms: MatrixTerms): Check[] {
  const { policy, state, gate } = terms;
  const ids = cases.map(({ id }) => id);
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  const unnamed = cases.filter(({ declared }) =>
    !declared.expect_readable && declared.expected_failed_checks.length === 0
  );
  const contradictions = lineFaults(state);
  return [
    {
      id: "policy_app_version_semver",
      ok: isSemver(policy.app_version),
      mode: "enforce",
      value: policy.app_version,
      expect: "a version by SemVer 2.0.0",
      hint: "correct app_version of the release policy",
    },
    {
      id: "state_schema_line_consistent",
      ok: contradictions.length === 0,
      mode: gate,
      value: contradictions.length === 0
        ? { history: state.history ?? [], planned_next: state.planned_next ?? null }
        : { faults: contradictions },
      expect: "history in order with current in it, planned_next after it",
      hint: "correct state_schema of the release policy",
    },
    {
      id: "matrix_has_cases",
      ok: cases.length > 0,
      mode: "enforce",
      value: cases.length,
      expect: ">= 1 case",
      hint: "start from what --init prints",
    },
    {
      id: "case_ids_unique",
      ok: twice.length === 0,
      mode: "enforce",
      value: { examined: ids.length, twice },
      expect: "each id once",
      hint: "rename one of the cases",
    },
    {
      id: "negative_cases_name_failures",
      ok: unnamed.length === 0,
      mode: "warn",
      value: { unnamed: unnamed.map(({ id }) => id) },
      expect: "expected_failed_checks in every case that must fail",
      hint: "name the checks: otherwise any failure, a mistake too, counts",
    },
  ];
}

/** Whether the cases cover what the rules ask for. */
export function judgeCoverage(
  cases: readonly CaseTerms[],
  results: readonly CaseResult[],
  terms: MatrixTerms,
): Check[] {
  return [
    ...coverages(terms).map((coverage) => coverageRow(coverage, cases, terms)),
    failureModeRow(results, terms),
    releaseVersionRow(cases, terms),
  ];
}
