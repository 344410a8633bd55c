import { runScript, type ScriptEnd } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";

export type Json = Record<string, unknown>;
export type Case = Json & { id: string };

/** A release policy with schema 2.1 between 2.0 and 2.2. */
export const POLICY = {
  version: 2,
  app_version: "3.4.0",
  state_schema: {
    current: "2.1",
    history: ["2.0", "2.1"],
    planned_next: "2.2",
    backward_read_compatible: ["2.0", "2.1"],
    required_fields: ["schema_version", "id"],
    preserve_on_rollback: ["id"],
  },
};

/** A reader that goes from 2.0 to 2.2 and back. */
export const MIGRATIONS = {
  kind: "migrations",
  steps: [
    {
      from: "2.0",
      to: "2.1",
      up: [{ op: "rename", path: "/name", to: "title" }],
      down: [{ op: "rename", path: "/title", to: "name" }],
    },
    {
      from: "2.1",
      to: "2.2",
      up: [{ op: "default", path: "/tags", value: [] }],
      down: [{ op: "drop", path: "/tags" }],
    },
  ],
};

/** A case from one schema to another; its direction follows from its id. */
export function case_(id: string, from: string, to: string, more: Json = {}): Case {
  const versions: Record<string, string> = { "2.0": "3.3.0", "2.1": "3.4.0", "2.2": "3.5.0" };
  return {
    id,
    direction: id.startsWith("down") ? "rollback" : "upgrade",
    from_version: versions[from] ?? "3.4.0",
    to_version: versions[to] ?? "3.4.0",
    from_schema: from,
    to_schema: to,
    state_fixture: `fixtures/${from}.json`,
    ...more,
  };
}

/** N-1 up, N up, N+1 up, N+1 down, one that must fail, N down. */
export const SIX: Case[] = [
  case_("up-2.0-2.1", "2.0", "2.1"),
  case_("up-2.1-2.1", "2.1", "2.1"),
  case_("up-2.1-2.2", "2.1", "2.2"),
  case_("down-2.2-2.1", "2.2", "2.1", { allow_forward_schema_source: true }),
  case_("down-refused", "2.2", "2.1", {
    state_fixture: "fixtures/array.json",
    expect_readable: false,
    expected_failed_checks: ["fixture_loaded", "from_schema_backward_compatible"],
  }),
  case_("down-2.1-2.1", "2.1", "2.1"),
];

/** Every rule that is off unless asked for. */
export const RULES = {
  require_n_minus_one_upgrade_case: true,
  require_n_plus_one_upgrade_case: true,
  require_n_plus_one_rollback_case: true,
  require_failure_mode_case: true,
};

/** A repository whose six cases pass. */
export const FILES: Record<string, Content> = {
  "deno.json": { version: "3.4.0" },
  "security/release_policy.json": POLICY,
  "security/release_compat_matrix.json": {
    version: 1,
    reader: MIGRATIONS,
    cases: SIX,
    rules: RULES,
  },
  "fixtures/2.0.json": { schema_version: "2.0", id: "a", name: "first" },
  "fixtures/2.1.json": { schema_version: "2.1", id: "a", title: "first" },
  "fixtures/2.2.json": { schema_version: "2.2", id: "a", title: "first", tags: ["x"] },
  "fixtures/array.json": [],
};

/** The matrix with some of it replaced. */
export const matrix = (more: Json = {}): Json => ({
  ...FILES["security/release_compat_matrix.json"] as Json,
  ...more,
});

/** The policy with some of its state schema replaced. */
export const policy = (state: Json, more: Json = {}): Json => ({
  ...POLICY,
  state_schema: { ...POLICY.state_schema, ...state },
  ...more,
});

/** A case as the report holds it. */
export interface CaseRow {
  id: string;
  ok: boolean;
  checks: { id: string; ok: boolean; value: unknown }[];
  fixture: { source: string; documents: number };
  fixture_sha256: string;
  normalized_preview: Json;
}

/** Runs the matrix in a repository with these files over the usual ones. */
export async function run(files: Record<string, Content>, ...args: string[]): Promise<ScriptEnd> {
  await using repository = await TempRepository.make({ ...FILES, ...files });
  return await runScript("release_compat_matrix", ["--json", ...args], { root: repository.root });
}

/** Runs a matrix of which some is replaced. */
export async function withMatrix(more: Json, ...args: string[]): Promise<ScriptEnd> {
  return await run({ "security/release_compat_matrix.json": matrix(more) }, ...args);
}

/** One case of the report. */
export const rowOf = (end: ScriptEnd, id: string): CaseRow =>
  (end.report.cases as CaseRow[]).find((row) => row.id === id)!;

/** Ids of what failed in one case. */
export const failedOf = (end: ScriptEnd, id: string): string[] =>
  rowOf(end, id).checks.filter((check) => !check.ok).map((check) => check.id);

/** The six cases with one of them changed. */
export const changed = (id: string, more: Json): Case[] =>
  SIX.map((one) => one.id === id ? { ...one, ...more } : one);
