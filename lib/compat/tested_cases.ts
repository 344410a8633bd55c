import { z } from "zod";
import type { Inputs } from "../command/inputs.ts";
import type { Check, Mode } from "../report/check.ts";
import type { MatrixTerms } from "./case_terms.ts";
import { casesOf } from "./case_terms.ts";
import { type MatrixRun, runMatrix } from "./run_matrix.ts";
import type { TestedCase } from "./version_graph.ts";

const Case = z.looseObject({
  id: z.string(),
  direction: z.string(),
  from_version: z.string(),
  to_version: z.string(),
  from_schema: z.string(),
  to_schema: z.string(),
  expect_readable: z.boolean(),
  ok: z.boolean(),
  fixture: z.looseObject({ path: z.string().nullable() }),
});

const CompatReport = z.looseObject({
  cases: z.array(Case),
  inputs: z.array(z.looseObject({ path: z.string(), sha256: z.string().optional() })),
});

/** Cases with their results, and where the results come from. */
export interface TestedCases {
  cases: TestedCase[];
  /** Path and digest of the compat report relied on; null where the cases were run here. */
  evidence: { path: string; sha256: string } | null;
  check: Check;
}

/** How recent the compat report must be, and of what. */
export interface EvidenceTerms {
  nowS: number;
  maxAgeS: number;
  commit: string;
  runId: string;
  strict: boolean;
  mode: Mode;
}

/** Why a report does not speak of the files as they are now, or not of every case. */
async function outdated(
  report: z.output<typeof CompatReport>,
  ids: readonly string[],
  inputs: Inputs,
): Promise<string | undefined> {
  for (const { fixture } of report.cases) {
    if (fixture.path !== null) await inputs.text(fixture.path);
  }
  const then = new Map(report.inputs.map(({ path, sha256 }) => [path, sha256]));
  const changed = inputs.rows.find(({ path, sha256 }) =>
    then.has(path) && then.get(path) !== sha256
  );
  if (changed !== undefined) return `${changed.path} changed since the newest report`;
  const absent = ids.find((id) => !report.cases.some((one) => one.id === id));
  return absent === undefined ? undefined : `the newest report does not have case "${absent}"`;
}

async function runHere(
  terms: MatrixTerms,
  run: MatrixRun,
  why: string,
  { mode }: EvidenceTerms,
): Promise<TestedCases> {
  const { cases, checks } = await runMatrix(terms, run);
  const failed = checks.filter((check) => !check.ok && check.mode === "enforce");
  return {
    cases,
    evidence: null,
    check: {
      id: "compat_evidence_current",
      ok: failed.length === 0,
      mode,
      value: {
        source: "cases run here",
        why,
        cases: cases.length,
        ...(failed.length === 0 ? {} : { faults: failed.map(({ id }) => `${id} does not hold`) }),
      },
      expect: "a compatibility matrix that holds",
      hint: "deno task release_compat_matrix --strict",
    },
  };
}

/**
 * The results of the matrix: those of the newest compat report, where it is recent, of this commit
 * and of these files; else the cases are run here and now.
 */
export async function testedCases(
  terms: MatrixTerms,
  run: MatrixRun,
  evidenceTerms: EvidenceTerms,
): Promise<TestedCases> {
  const { nowS, maxAgeS, commit, runId, strict, mode } = evidenceTerms;
  const found = await run.inputs.evidence({
    kind: "release_compat_matrix",
    schema: CompatReport,
    nowS,
    maxAgeS,
    demandClean: strict,
    ...(commit === "" ? {} : { commit }),
    ...(runId === "" ? {} : { runId }),
  });
  const { state, value, path, sha256 } = found;
  const broken = state === "malformed" || state === "future";
  const usable = value !== undefined && (state === "valid" || state === "failed");
  const ids = casesOf(terms).map(({ id }) => id);
  const foreign = usable ? await outdated(value, ids, run.inputs) : undefined;
  if (!usable || foreign !== undefined) {
    const why = foreign ?? `the newest report is ${state}: ${found.reasons[0] ?? ""}`;
    const here = await runHere(terms, run, why, evidenceTerms);
    if (!broken) return here;
    const check: Check = {
      ...here.check,
      ok: false,
      mode: "enforce",
      value: { state, faults: found.reasons },
      hint: `remove ${path}, then: deno task release_compat_matrix --strict`,
      location: { file: path ?? "" },
    };
    return { ...here, check };
  }
  return {
    cases: value.cases,
    evidence: { path: path ?? "", sha256: sha256 ?? "" },
    check: {
      id: "compat_evidence_current",
      ok: state === "valid",
      mode,
      value: { source: path, state, sha256, reasons: found.reasons, cases: value.cases.length },
      expect: "a compatibility matrix that holds",
      hint: "deno task release_compat_matrix --strict",
      location: { file: path ?? "" },
    },
  };
}
