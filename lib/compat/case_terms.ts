import type { CompatCase, ReleaseCompatMatrix } from "../policy/release_compat_matrix.ts";
import type { ReleasePolicy } from "../policy/release_policy.ts";
import { compareVersions, isSchemaVersion, isSemver } from "../project/semver.ts";
import type { Check, Mode } from "../report/check.ts";
import { type SchemaLine, schemaLine, type StateSchemaPolicy } from "./schema_line.ts";

/** A case with everything filled in that may be left out. */
export interface CaseTerms {
  id: string;
  direction: string;
  fromVersion: string;
  toVersion: string;
  fromSchema: string;
  toSchema: string;
  declared: CompatCase;
}

/** What all cases are judged by. */
export interface MatrixTerms {
  policy: ReleasePolicy;
  state: StateSchemaPolicy;
  line: SchemaLine;
  matrix: ReleaseCompatMatrix;
  /** Mode of the checks that only strict runs enforce. */
  gate: Mode;
}

/** Puts policy and matrix together. */
export function matrixTerms(
  policy: ReleasePolicy,
  state: StateSchemaPolicy,
  matrix: ReleaseCompatMatrix,
  gate: Mode,
): MatrixTerms {
  return { policy, state, line: schemaLine(state), matrix, gate };
}

/** The cases of a matrix, each with its defaults. */
export function casesOf({ matrix, policy, state }: MatrixTerms): CaseTerms[] {
  return matrix.cases.map((declared, at) => ({
    id: declared.id ?? `case_${at}`,
    direction: declared.direction,
    fromVersion: declared.from_version ?? policy.app_version,
    toVersion: declared.to_version ?? policy.app_version,
    fromSchema: declared.from_schema ?? state.current,
    toSchema: declared.to_schema ?? state.current,
    declared,
  }));
}

function semverRow(id: string, version: string): Check {
  return {
    id,
    ok: isSemver(version),
    mode: "enforce",
    value: version,
    expect: "a version by SemVer 2.0.0",
    hint: "write it as MAJOR.MINOR.PATCH, without a leading v",
  };
}

/** Whether `order` (negative: upwards) suits the direction; same to same suits both. */
const suits = (direction: string, order: number): boolean =>
  direction === "upgrade" ? order <= 0 : order >= 0;

function orderRows(terms: CaseTerms, { line, gate }: MatrixTerms): Check[] {
  const { direction, fromVersion, toVersion, fromSchema, toSchema } = terms;
  const hint = "correct direction, or swap where the case starts and where it lands";
  const versions = isSemver(fromVersion) && isSemver(toVersion);
  const rows: Check[] = [{
    id: "direction_matches_schema_order",
    ok: suits(direction, line.compare(fromSchema, toSchema)),
    mode: gate,
    value: `${fromSchema} to ${toSchema}`,
    expect: direction === "upgrade" ? "not to an older schema" : "not to a newer schema",
    hint,
  }];
  if (!versions) return rows;
  return [...rows, {
    id: "direction_matches_version_order",
    ok: suits(direction, compareVersions(fromVersion, toVersion)),
    mode: gate,
    value: `${fromVersion} to ${toVersion}`,
    expect: direction === "upgrade" ? "not to a lower version" : "not to a higher version",
    hint,
  }];
}

function readableRow(terms: CaseTerms, { state, line }: MatrixTerms): Check {
  const { fromSchema, direction, declared } = terms;
  const readable = state.backward_read_compatible;
  const forward = direction === "rollback" && declared.allow_forward_schema_source &&
    line.compare(fromSchema, line.current) > 0;
  return {
    id: "from_schema_backward_compatible",
    ok: fromSchema === line.current || readable.includes(fromSchema) || forward,
    mode: "enforce",
    value: fromSchema,
    expect: `one of ${
      [...new Set([line.current, ...readable])].join(", ")
    }, or a newer one in a rollback that allows it`,
    hint:
      "add the schema to state_schema.backward_read_compatible, or set allow_forward_schema_source on the rollback",
  };
}

/** The rows about a case that need no fixture. */
export function judgeTerms(terms: CaseTerms, matrix: MatrixTerms): Check[] {
  const { direction, fromSchema, toSchema } = terms;
  const known = direction === "upgrade" || direction === "rollback";
  const formats = isSchemaVersion(fromSchema) && isSchemaVersion(toSchema);
  return [
    {
      id: "direction_valid",
      ok: known,
      mode: "enforce",
      value: direction,
      expect: "upgrade or rollback",
      hint: "correct direction of the case",
    },
    semverRow("from_version_semver", terms.fromVersion),
    semverRow("to_version_semver", terms.toVersion),
    {
      id: "schema_versions_valid",
      ok: formats,
      mode: "enforce",
      value: { from_schema: fromSchema, to_schema: toSchema },
      expect: "<number>.<number>",
      hint: "correct from_schema and to_schema of the case",
    },
    ...(known && formats ? orderRows(terms, matrix) : []),
    readableRow(terms, matrix),
  ];
}
