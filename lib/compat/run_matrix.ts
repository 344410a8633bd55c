import type { Inputs } from "../command/inputs.ts";
import { environment } from "../command/environment.ts";
import { judgeRuntimeFile } from "../governance/runtime_data.ts";
import type { ReaderDeclaration } from "../policy/release_compat_matrix.ts";
import { type Check, notApplicable } from "../report/check.ts";
import { pooled } from "../store/pooled.ts";
import { casesOf, type CaseTerms, type MatrixTerms } from "./case_terms.ts";
import { openFixture } from "./fixture.ts";
import { type CaseResult, judgeCase } from "./judge_case.ts";
import { judgeCoverage, judgeDeclarations } from "./judge_coverage.ts";
import { readerOf, type StateReader } from "./reader.ts";
import type { Reading, ReadingTerms } from "./reading_rules.ts";
import { type StateShapes, stateShapes } from "./state_shapes.ts";

/** How many cases read at the same time; readers are programs of their own. */
const AT_ONCE = 4;

/** What a reader command needs of the environment; nothing else of it, secrets least, reaches it. */
const READER_ENVIRONMENT = ["PATH", "HOME", "LANG", "TMPDIR", "DENO_DIR"];

/** What running the matrix needs of a script's context. */
export interface MatrixRun {
  root: string;
  inputs: Inputs;
  signal: AbortSignal;
}

/** All cases with their results, and the checks over them. */
export interface MatrixResult {
  cases: CaseResult[];
  checks: Check[];
}

function readerEnvironment(): Record<string, string> {
  return Object.fromEntries(READER_ENVIRONMENT.flatMap((name) => {
    const value = environment(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

async function readingsOf(
  terms: CaseTerms,
  documents: readonly Reading["document"][],
  reader: StateReader,
  readBack: boolean,
): Promise<Reading[]> {
  const { fromSchema, toSchema, direction } = terms;
  const readings: Reading[] = [];
  for (const document of documents) {
    const { text, value, path } = document;
    const answer = await reader.read({ text, value, path, fromSchema, toSchema, direction });
    if (!answer.ok || !readBack) {
      readings.push({ document, answer });
      continue;
    }
    const back = await reader.read({
      text: answer.text,
      value: answer.value,
      path: undefined,
      fromSchema: toSchema,
      toSchema: fromSchema,
      direction: direction === "rollback" ? "upgrade" : "rollback",
    });
    readings.push({ document, answer, back });
  }
  return readings;
}

async function runCase(
  terms: CaseTerms,
  matrixTerms: MatrixTerms,
  { shapes }: StateShapes,
  run: MatrixRun,
): Promise<CaseResult> {
  const { matrix, state, line } = matrixTerms;
  const { declared, fromSchema, toSchema } = terms;
  const fixture = await openFixture(
    { path: declared.state_fixture, fromSchema },
    run.inputs,
    shapes.get(fromSchema),
  );
  const declaration: ReaderDeclaration = declared.reader ?? matrix.reader;
  const reader = await readerOf(declaration, {
    root: run.root,
    schemaPointer: matrix.schema_pointer,
    env: readerEnvironment(),
    signal: run.signal,
  });
  const readingTerms: ReadingTerms = {
    reader: reader.kind,
    fromSchema,
    toSchema,
    schemaPointer: matrix.schema_pointer,
    shapes,
    compare: line.compare,
    requiredFields: state.required_fields ?? [],
    preserved: state.preserve_on_rollback ?? [],
    mayLose: declared.may_lose ?? [],
  };
  const documents = fixture.state === "ok" ? fixture.documents : [];
  const readings = await readingsOf(terms, documents, reader, readingTerms.preserved.length > 0);
  return judgeCase(terms, { fixture, readings, readingTerms }, matrixTerms);
}

async function runtimeRows({ matrix, policy }: MatrixTerms, inputs: Inputs): Promise<Check[]> {
  const files = policy.runtime_data?.files ?? [];
  const id = "runtime_data_contract";
  const expect = "each runtime file keeps its contract";
  if (!matrix.rules.enforce_runtime_contract) {
    return [notApplicable(id, expect, "rules.enforce_runtime_contract is off")];
  }
  if (files.length === 0) {
    return [notApplicable(id, expect, "the release policy lists no runtime data files")];
  }
  return await Promise.all(files.map(async (file) => {
    const row = judgeRuntimeFile(file, await inputs.text(file.path), "enforce");
    return { ...row, id: row.id.replace(/^runtime_file_json::/, "runtime_file_kind::") };
  }));
}

function resultRows(results: readonly CaseResult[]): Check[] {
  const failed = results.filter(({ ok }) => !ok);
  return [
    ...results.map(({ id, ok, checks, expect_readable: readable }): Check => {
      const broken = checks.filter((check) =>
        !check.ok && check.mode === "enforce" &&
        (readable || check.id === "negative_case_failure_expectation")
      );
      const faults = broken.flatMap((check) => {
        const listed = (check.value as { faults?: string[] } | null)?.faults;
        return (listed ?? [`found ${JSON.stringify(check.value)}, expected ${check.expect}`])
          .map((fault) => `${check.id}: ${fault}`);
      });
      return {
        id: `case_passes::${id}`,
        ok,
        mode: "enforce",
        value: ok ? "ok" : { failed: broken.map((check) => check.id), faults },
        expect: readable ? "state that is read" : "state that is refused as expected",
        ...(broken[0]?.hint === undefined ? {} : { hint: broken[0].hint }),
      };
    }),
    ...warnedRows(results),
    {
      id: "all_matrix_cases_pass",
      ok: results.length > 0 && failed.length === 0,
      mode: "enforce",
      value: { examined: results.length, failed: failed.map(({ id }) => id) },
      expect: "every case comes out as declared",
      hint: "mend what the cases named above found, or correct the cases",
    },
  ];
}

/** Failed warnings inside the cases, so that a report with any is not clean. */
function warnedRows(results: readonly CaseResult[]): Check[] {
  const faults = results.flatMap(({ id, checks, expect_readable: readable }) =>
    checks.filter((check) => readable && !check.ok && check.mode === "warn").map((check) =>
      `${id}: ${check.id} is ${JSON.stringify(check.value)}, expected ${check.expect}`
    )
  );
  return [{
    id: "cases_consistent",
    ok: faults.length === 0,
    mode: "warn",
    value: faults.length === 0 ? { examined: results.length } : { faults },
    expect: "cases whose direction suits their schemas and versions",
    hint: "correct direction, or swap where the case starts and where it lands",
  }];
}

function shapeRow({ shapes, faults }: StateShapes): Check {
  const id = "state_schemas_usable";
  const expect = "a usable JSON Schema for each declared schema version";
  if (shapes.size === 0 && faults.length === 0) {
    return notApplicable(id, expect, "the matrix declares no schemas");
  }
  return {
    id,
    ok: faults.length === 0,
    mode: "enforce",
    value: faults.length === 0 ? { examined: shapes.size } : { faults },
    expect,
    hint: "mend the file, or correct schemas of the matrix",
  };
}

/** Whether anything but the fixtures' own structure was put to the test. */
function readerRow(results: readonly CaseResult[]): Check {
  const real = results.filter(({ reader }) => reader !== "as_is");
  return {
    id: "cases_read_by_a_reader",
    ok: real.length === results.length,
    mode: "warn",
    value: { read: real.length, as_is: results.length - real.length },
    expect: "a reader for every case",
    hint: "name the program that reads your state under reader of the matrix",
  };
}

/** The reasons a partial run is no evidence for the whole matrix. */
function partialRow(run: number, all: number): Check {
  return {
    id: "all_cases_run",
    ok: run === all,
    mode: "warn",
    value: `${run} of ${all}`,
    expect: "every case of the matrix",
    hint: "run it without --case",
  };
}

/**
 * Opens every fixture, reads it with its reader, and judges cases and coverage.
 *
 * @param only Ids of the cases to run; all when empty.
 */
export async function runMatrix(
  terms: MatrixTerms,
  run: MatrixRun,
  only: readonly string[] = [],
): Promise<MatrixResult> {
  const all = casesOf(terms);
  const chosen = only.length === 0 ? all : all.filter(({ id }) => only.includes(id));
  const shapes = await stateShapes(terms.matrix, run.inputs);
  const cases = await pooled(chosen, AT_ONCE, (one) => runCase(one, terms, shapes, run));
  return {
    cases,
    checks: [
      ...judgeDeclarations(all, terms),
      shapeRow(shapes),
      ...(only.length === 0
        ? judgeCoverage(all, cases, terms)
        : [partialRow(chosen.length, all.length)]),
      ...await runtimeRows(terms, run.inputs),
      readerRow(cases),
      ...resultRows(cases),
    ],
  };
}
