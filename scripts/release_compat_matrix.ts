#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_RELEASE_*,GITHUB_ACTIONS,PATH,HOME,LANG,TMPDIR,DENO_DIR --allow-run=git,deno
/**
 * Proves, case by case, that persistent state of other schema versions can be read after an upgrade
 * or a rollback.
 * @module
 */
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { boolean, list, path } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { matrixTerms } from "../lib/compat/case_terms.ts";
import type { CaseResult } from "../lib/compat/judge_case.ts";
import { runMatrix } from "../lib/compat/run_matrix.ts";
import { ReleaseCompatMatrix } from "../lib/policy/release_compat_matrix.ts";
import type { Loaded } from "../lib/policy/load.ts";
import { ReleasePolicy } from "../lib/policy/release_policy.ts";
import { type Check, notApplicable } from "../lib/report/check.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";

const flags = {
  policy: path({
    default: "security/release_policy.json",
    env: "WA_RELEASE_COMPAT_POLICY_FILE",
    help: "Release policy; says which state schemas there are",
  }),
  matrix: path({
    default: "security/release_compat_matrix.json",
    env: "WA_RELEASE_COMPAT_MATRIX_FILE",
    help: "Cases and coverage rules",
  }),
  case: list({ placeholder: "ID", help: "Run this case only; then coverage is not judged" }),
  init: boolean({ help: "Print a matrix to start from, made from the release policy" }),
};

type Run = Context<typeof flags, undefined>;

async function starter({ inputs, flags }: Run): Promise<Outcome> {
  const loaded = await inputs.json(flags.policy, ReleasePolicy);
  if (loaded.state !== "ok") {
    const checks = [loadedCheck("release_policy_loaded", loaded, "enforce")];
    return { checks, headline: `${loaded.path} cannot be used` };
  }
  const state = loaded.value.state_schema;
  if (state === undefined) {
    throw new UsageError(
      `${loaded.path} declares no state_schema`,
      "say there which schema version the code writes",
    );
  }
  const { starterMatrix } = await import("../lib/compat/starter_matrix.ts");
  const matrix = starterMatrix(loaded.value, state, "0.0.0");
  return {
    checks: [loadedCheck("release_policy_loaded", loaded, "enforce")],
    headline: "a matrix to start from",
    stdout: JSON.stringify(matrix, null, 2) + "\n",
    unrecorded: true,
  };
}

/** A row of `cases` that is no object has a check of its own, by its place. */
function brokenCases(loaded: Loaded<unknown>): Check[] {
  if (loaded.state === "ok") return [];
  return loaded.faults.filter(({ pointer }) => /^\/cases\/\d+$/.test(pointer)).map((fault) => ({
    id: `case_is_dict::${fault.pointer.slice(7)}`,
    ok: false,
    mode: "enforce",
    value: fault.message,
    expect: "an object",
    hint: `write the case as an object in ${loaded.path}`,
    location: { file: loaded.path, ...(fault.line === undefined ? {} : { line: fault.line }) },
  }));
}

function unknownCases(ids: readonly string[], results: readonly CaseResult[]): void {
  const missing = ids.find((id) => !results.some((result) => result.id === id));
  if (missing !== undefined) {
    throw new UsageError(`The matrix has no case "${missing}"`, "--case names one by its id");
  }
}

/** Files could not be used, or there is no state: the outcome without any case. */
function withoutCases(
  policy: Loaded<ReleasePolicy>,
  matrix: Loaded<ReleaseCompatMatrix>,
  fields: Record<string, unknown>,
): Outcome {
  const policyRow = loadedCheck("release_policy_loaded", policy, "enforce");
  if (policy.state === "ok" && policy.value.state_schema === undefined) {
    if (matrix.state === "missing") {
      const reason = `${policy.path} declares no state schema, and there is no ${matrix.path}`;
      const row = notApplicable("release_compat_matrix_loaded", "cases over state", reason);
      return { checks: [policyRow, row], headline: "there is no persistent state", fields };
    }
    const checks: Check[] = [policyRow, {
      id: "state_schema_declared",
      ok: false,
      mode: "enforce",
      value: "state_schema is missing",
      expect: "the schema versions that the cases are about",
      hint: `declare state_schema in ${policy.path}, or remove ${matrix.path}`,
      location: { file: policy.path },
    }];
    return { checks, headline: `${policy.path} declares no state schema`, fields };
  }
  const checks = [
    policyRow,
    loadedCheck("release_compat_matrix_loaded", matrix, "enforce"),
    ...brokenCases(matrix),
  ];
  const broken = policy.state === "ok" ? matrix : policy;
  return { checks, headline: `${broken.path} cannot be used: ${broken.state}`, fields };
}

function headline(checks: readonly Check[], cases: readonly CaseResult[], schema: string): string {
  const failed = checks.filter((check) => !check.ok && check.mode === "enforce");
  if (failed[0] !== undefined) {
    const case_ = failed.find(({ id }) => id.startsWith("case_passes::"));
    return case_ === undefined
      ? `${failed[0].id} does not hold`
      : `case ${case_.id.slice(13)} fails`;
  }
  const readable = cases.filter((one) => one.expect_readable).length;
  return `schema ${schema}: ${readable} cases are read, ${
    cases.length - readable
  } refused as expected`;
}

async function judge(run: Run): Promise<Outcome> {
  const { inputs, flags, gate } = run;
  const policy = await inputs.json(flags.policy, ReleasePolicy);
  const matrix = await inputs.json(flags.matrix, ReleaseCompatMatrix);
  const fields = { policy_path: policy.path, matrix_path: matrix.path };
  const state = policy.state === "ok" ? policy.value.state_schema : undefined;
  if (policy.state !== "ok" || matrix.state !== "ok" || state === undefined) {
    return withoutCases(policy, matrix, { ...fields, policy: null, cases: [] });
  }
  const terms = matrixTerms(policy.value, state, matrix.value, gate);
  const { cases, checks } = await runMatrix(terms, run, flags.case);
  unknownCases(flags.case, cases);
  const all = [
    loadedCheck("release_policy_loaded", policy, "enforce"),
    loadedCheck("release_compat_matrix_loaded", matrix, "enforce"),
    ...checks,
  ];
  return {
    checks: all,
    headline: headline(all, cases, state.current),
    fields: {
      ...fields,
      policy: {
        app_version: policy.value.app_version,
        state_schema_current: state.current,
        backward_read_compatible: state.backward_read_compatible,
      },
      cases,
    },
  };
}

export const command = defineCommand({
  name: "release_compat_matrix",
  summary: "Read state of other schema versions as after an upgrade or a rollback",
  kind: "producer",
  artifact: "release_compat_matrix",
  strictEnv: "WA_RELEASE_COMPAT_MATRIX_STRICT",
  flags,
  details: [
    "Each case names a state document of one schema version and the version it must be readable by. The document is read by the case's reader: code of this toolkit, declared migrations, or a program of any language, in a process of its own and under a time limit. Then it is read back, and what must survive is compared.",
    "N-1 and N+1 are the neighbours of the current schema in state_schema.history and planned_next of the release policy.",
  ],
  examples: ["--strict", "--case up-5.1-5.2", "--init > security/release_compat_matrix.json"],
  run: (run) => run.flags.init ? starter(run) : judge(run),
});

if (import.meta.main) await main(command);
