import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";

type Json = Record<string, unknown>;

const POLICY = {
  version: 2,
  app_version: "1.2.0",
  state_schema: {
    current: "2.1",
    history: ["2.0", "2.1"],
    backward_read_compatible: ["2.0", "2.1"],
    required_fields: ["schema_version"],
    preserve_on_rollback: ["id"],
  },
  runtime_data: { files: [{ path: "state.json", kind: "json_object", required: true }] },
};

const SCHEMAS: Record<string, string> = { "1.0.0": "2.0", "1.1.0": "2.1", "1.2.0": "2.1" };

function case_(direction: "upgrade" | "rollback", from: string, to: string, more: Json = {}): Json {
  const [fromSchema, toSchema] = [SCHEMAS[from] ?? "2.1", SCHEMAS[to] ?? "2.1"];
  return {
    id: `${direction}-${from}-${to}`,
    direction,
    from_version: from,
    to_version: to,
    from_schema: fromSchema,
    to_schema: toSchema,
    state_fixture: `fixtures/${fromSchema}.json`,
    ...more,
  };
}

const STEP = { from: "2.0", to: "2.1", up: [], down: [] };

const matrix = (...cases: Json[]): Json => ({
  version: 1,
  reader: { kind: "migrations", steps: [STEP] },
  cases,
  rules: { require_rollback_case_for_current_schema: false },
});

const TWO = matrix(case_("upgrade", "1.1.0", "1.2.0"), case_("rollback", "1.2.0", "1.1.0"));

const HOPS = matrix(
  case_("upgrade", "1.0.0", "1.1.0"),
  case_("upgrade", "1.1.0", "1.2.0"),
  case_("rollback", "1.2.0", "1.1.0"),
  case_("rollback", "1.1.0", "1.0.0"),
);

const FILES: Record<string, Content> = {
  "deno.json": { version: "1.2.0" },
  "CHANGES.md":
    "# Changes\n\n## 1.2.0\n\n- Breaking: `x` is gone | see *docs*\n- Faster\n\n## 1.1.0\n\n- New\n\n## 1.0.0\n\n- Removed everything\n",
  "state.json": { id: "a" },
  "security/release_policy.json": POLICY,
  "security/release_compat_matrix.json": TWO,
  "fixtures/2.0.json": { schema_version: "2.0", id: "a" },
  "fixtures/2.1.json": { schema_version: "2.1", id: "a" },
};

interface Step {
  order: number;
  id: string;
  command: string[];
  way_back: string[];
  evidence_state: string;
}

const stepsOf = (end: ScriptEnd): Step[] => end.report.plan as Step[];

async function plan(
  files: Record<string, Content>,
  ...args: string[]
): Promise<ScriptEnd & { markdown: string; names: string[] }> {
  await using repository = await TempRepository.make({ ...FILES, ...files });
  const end = await runScript("migration_assistant", ["--json", ...args], {
    root: repository.root,
  });
  const path = end.report?.markdown_path as string | undefined;
  return {
    ...end,
    markdown: path === undefined ? "" : await repository.read(path),
    names: await repository.list(".data/out"),
  };
}

const withMatrix = (document: Json, ...args: string[]) =>
  plan({ "security/release_compat_matrix.json": document }, ...args);

Deno.test("an upgrade and a rollback out of it are ready under --strict, as JSON and Markdown", async () => {
  const end = await plan({}, "--strict");
  assertEquals([end.code, failedIds(end.report)], [0, []]);
  assertEquals(end.names.map((name) => name.replace(/_\d.*Z/, "")).sort(), [
    "migration_assistant.json",
    "migration_assistant.md",
  ]);
  const { from_version, to_version, init_version, direction, current_schema } = end.report;
  assertEquals(
    [from_version, to_version, init_version, direction, current_schema],
    ["1.1.0", "1.2.0", "1.2.0", "upgrade", "2.1"],
  );
  assertEquals([end.report.upgrade_case_count, end.report.rollback_to_target_count], [1, 0]);
  assertStringIncludes(end.markdown, "# Migration plan: 1.1.0 to 1.2.0");
  assertStringIncludes(end.markdown, "- overall_ok: yes");
});

Deno.test("a missing rollback out of the target is not ready, in every mode", async () => {
  const upgrade = case_("upgrade", "1.1.0", "1.2.0");
  const none = await withMatrix(matrix(upgrade));
  assertEquals([none.code, failedIds(none.report)], [2, [
    "rollback_path_to_target_exists",
    "rollback_path_from_target_tested",
  ]]);
  const into = await withMatrix(matrix(upgrade, case_("rollback", "1.3.0", "1.2.0")));
  assertEquals([into.code, failedIds(into.report)], [2, ["rollback_path_from_target_tested"]]);
  assertStringIncludes(into.markdown, "- overall_ok: no");
  assertStringIncludes(into.markdown, "- `rollback_path_from_target_tested`: ");
});

Deno.test("a way of two hops is accepted, and planned hop by hop with its way back", async () => {
  const end = await withMatrix(HOPS, "--from-version", "1.0.0", "--strict");
  assertEquals([end.code, failedIds(end.report)], [0, []]);
  const applied = stepsOf(end).filter(({ id }) => id.startsWith("rollout_apply"));
  assertEquals(applied.map(({ id }) => id), ["rollout_apply_1.1.0", "rollout_apply_1.2.0"]);
  assertEquals(applied.map(({ way_back: back }) => back[back.indexOf("--to-version") + 1]), [
    "1.0.0",
    "1.1.0",
  ]);
  assertStringIncludes(end.markdown, "| 1.0.0 | 1.1.0 | 2.0 to 2.1 | upgrade-1.0.0-1.1.0 |");
});

Deno.test("a hop whose case fails is no way", async () => {
  const end = await plan(
    {
      "security/release_compat_matrix.json": HOPS,
      "fixtures/2.0.json": { schema_version: "9.9", id: "a" },
    },
    "--from-version",
    "1.0.0",
  );
  assertEquals(end.code, 2);
  assert(failedIds(end.report).includes("upgrade_path_tested"));
  assert(failedIds(end.report).includes("compat_evidence_current"));
  assertEquals(end.report.plan, []);
});

Deno.test("versions are ordered by SemVer 2.0.0: rc.2 before rc.10 before the release", async () => {
  const cases = ["1.2.0-rc.2", "1.2.0-rc.10"].flatMap((from) => [
    case_("upgrade", from, "1.2.0"),
    case_("rollback", "1.2.0", from),
  ]);
  const end = await withMatrix(matrix(...cases));
  assertEquals(end.report.from_version, "1.2.0-rc.10");
  assertEquals(end.report.from_version_rule, "nearest_lower_in_matrix");
});

Deno.test("the version in use comes from the stable channel", async () => {
  const registry = {
    channels: { stable: { version: "1.0.0", rollout_percent: 100 } },
  };
  const end = await plan({
    "security/release_compat_matrix.json": HOPS,
    "security/release_channels.json": registry,
  });
  assertEquals(end.report.from_version, "1.0.0");
  assertEquals(end.report.from_version_rule, "stable_channel");
});

Deno.test("a broken channel registry is never taken for an absent one", async () => {
  const end = await plan({ "security/release_channels.json": "{" });
  assertEquals([end.code, failedIds(end.report)], [2, ["channel_registry_loaded"]]);
});

Deno.test("an unknown target gives no plan and no half-built command", async () => {
  await using repository = await TempRepository.make({ ...FILES, "deno.json": {} });
  const end = await runScript("migration_assistant", ["--json"], { root: repository.root });
  assertEquals(end.code, 2);
  assert(failedIds(end.report).includes("to_version_semver"));
  assertEquals(end.report.plan, []);
  const markdown = await repository.read(end.report.markdown_path as string);
  assertStringIncludes(markdown, "There is no plan");
  assert(!markdown.includes("deno task release_rollout_executor"));
});

Deno.test("no planned command has an empty argument", async () => {
  const end = await withMatrix(HOPS, "--from-version", "1.0.0");
  for (const { command, way_back } of stepsOf(end)) {
    assert(command.length > 2);
    for (const argument of [...command, ...way_back]) assert(argument !== "");
  }
});

const MALFORMED: [flag: string, value: string, failed: string][] = [
  ["--from-version", "v1.1.0", "from_version_semver"],
  ["--to-version", "1.2", "to_version_semver"],
];

for (const [flag, value, failed] of MALFORMED) {
  Deno.test(`${flag} ${value} is not ready`, async () => {
    const end = await plan({}, flag, value);
    assertEquals(end.code, 2);
    assert(failedIds(end.report).includes(failed));
  });
}

Deno.test("a target that is not the code's version warns, and fails under --strict", async () => {
  const args = ["--from-version", "1.0.0", "--to-version", "1.1.0"];
  const lenient = await withMatrix(HOPS, ...args);
  assertEquals([lenient.code, failedIds(lenient.report)], [0, ["target_version_matches_init"]]);
  const strict = await withMatrix(HOPS, ...args, "--strict");
  assertEquals([strict.code, failedIds(strict.report)], [2, ["target_version_matches_init"]]);
});

Deno.test("an upgrade nobody tested is not ready", async () => {
  const end = await withMatrix(HOPS, "--from-version", "0.9.0");
  assertEquals([end.code, failedIds(end.report)], [2, [
    "upgrade_case_exact_or_equivalent",
    "upgrade_path_tested",
    "rollback_path_from_target_tested",
  ]]);
  const target = await withMatrix(HOPS, "--to-version", "1.5.0");
  assert(failedIds(target.report).includes("upgrade_case_for_target_exists"));
});

Deno.test("a downgrade is recognised, and needs tested rollbacks and a tested way up again", async () => {
  const args = ["--from-version", "1.2.0", "--to-version", "1.0.0"];
  const end = await withMatrix(HOPS, ...args);
  assertEquals([end.code, end.report.direction], [0, "downgrade"]);
  assertEquals(
    stepsOf(end).map(({ id }) => id).filter((id) => id.startsWith("roll")),
    ["rollback_bundle", "rollback_apply_1.1.0", "rollback_apply_1.0.0"],
  );
  const up = matrix(case_("upgrade", "1.0.0", "1.2.0"));
  const untested = await withMatrix(up, ...args);
  assert(failedIds(untested.report).includes("rollback_path_tested"));
  const down = await withMatrix(matrix(case_("rollback", "1.2.0", "1.0.0")), ...args);
  assertEquals(failedIds(down.report).filter((id) => id.endsWith("_tested")), [
    "upgrade_path_back_tested",
  ]);
});

Deno.test("a target that is in place needs no way", async () => {
  const end = await plan({}, "--from-version", "1.2.0");
  assertEquals([end.code, end.report.direction, end.report.headline], [
    0,
    "same",
    "1.2.0 is in place already",
  ]);
  assert(stepsOf(end).every(({ id }) => !id.startsWith("rollout")));
});

Deno.test("a plan quotes the changelog's warnings, on one line each and without its markup", async () => {
  const end = await withMatrix(HOPS, "--from-version", "1.0.0");
  assertEquals(end.report.breaking_notes, [
    { version: "1.1.0", line: 8, notes: [] },
    { version: "1.2.0", line: 3, notes: ["- Breaking: `x` is gone | see *docs*"] },
  ]);
  assertStringIncludes(end.markdown, "  - Breaking: \\`x\\` is gone \\| see \\*docs\\*");
  assert(!end.markdown.includes("Removed everything"), "1.0.0 is where the move starts");
});

Deno.test("a plan lists the runtime files to preserve with size and digest", async () => {
  const end = await plan({});
  const [file] = end.report.files_to_preserve as Json[];
  assertEquals([file?.path, file?.required, file?.exists], ["state.json", true, true]);
  assertEquals(String(file?.sha256).length, 64);
});

/** A repository in which the matrix has run; then the assistant runs, after `between`. */
async function afterMatrix(
  between: (repository: TempRepository, report: string) => Promise<void>,
  ...args: string[]
): Promise<ScriptEnd> {
  await using repository = await TempRepository.make(FILES);
  const { root } = repository;
  const judged = await runScript("release_compat_matrix", ["--json"], { root });
  await between(repository, judged.report.report_path as string);
  return await runScript("migration_assistant", ["--json", ...args], { root });
}

const evidenceRow = (end: ScriptEnd) =>
  end.report.checks.find(({ id }) => id === "compat_evidence_current")!;

Deno.test("the newest compat report is relied on, by path and digest, and ticks its step", async () => {
  const end = await afterMatrix(() => Promise.resolve(), "--strict");
  assertEquals([end.code, failedIds(end.report)], [0, []]);
  const evidence = end.report.compat_evidence as { path: string; sha256: string };
  assertStringIncludes(evidence.path, ".data/out/release_compat_matrix_");
  assertEquals(evidence.sha256.length, 64);
  const step = stepsOf(end).find(({ id }) => id === "compat_matrix");
  assertEquals(step?.evidence_state, "valid");
});

Deno.test("a compat report of other files is not relied on: the cases are run again", async () => {
  const fixture = await afterMatrix((repository) =>
    repository.write("fixtures/2.1.json", { schema_version: "9.9", id: "a" })
  );
  assertEquals(fixture.report.compat_evidence, null);
  assertStringIncludes(JSON.stringify(evidenceRow(fixture).value), "fixtures/2.1.json changed");
  assertEquals(fixture.code, 2);
});

Deno.test("a compat report that is too old is not relied on", async () => {
  const end = await afterMatrix(async (repository, path) => {
    const report = await repository.json(path);
    report.ended_at = (report.ended_at as number) - 90_000;
    await repository.write(path, report);
  });
  assertEquals([end.code, end.report.compat_evidence], [0, null]);
  assertStringIncludes(JSON.stringify(evidenceRow(end).value), "stale");
});

Deno.test("a malformed or future compat report fails in every mode", async () => {
  const malformed = await afterMatrix((repository, path) => repository.write(path, "{"));
  assertEquals([malformed.code, failedIds(malformed.report)], [2, ["compat_evidence_current"]]);
  const future = await afterMatrix(async (repository, path) => {
    const report = await repository.json(path);
    await repository.write(path, { ...report, ended_at: (report.ended_at as number) + 9_000 });
  });
  assertEquals([future.code, failedIds(future.report)], [2, ["compat_evidence_current"]]);
});

Deno.test("a failed compat report warns, and fails under --strict", async () => {
  const failing = (repository: TempRepository, path: string) =>
    repository.json(path).then((report) => repository.write(path, { ...report, ok: false }));
  const lenient = await afterMatrix(failing);
  assertEquals([lenient.code, failedIds(lenient.report)], [0, ["compat_evidence_current"]]);
  assertEquals((await afterMatrix(failing, "--strict")).code, 2);
});

for (const [title, content] of [["missing", undefined], ["malformed", "{"], ["wrong", "[]"]]) {
  Deno.test(`a matrix that is ${title} gives a report, a Markdown file and no plan`, async () => {
    await using repository = await TempRepository.make(FILES);
    const path = "security/release_compat_matrix.json";
    if (content === undefined) await Deno.remove(repository.path(path));
    else await repository.write(path, content);
    const end = await runScript("migration_assistant", ["--json"], { root: repository.root });
    assertEquals([end.code, failedIds(end.report)], [2, ["matrix_loaded"]]);
    assertEquals((await repository.list(".data/out")).length, 2);
    assertEquals(end.report.plan, []);
  });
}

Deno.test("a policy without state schema fails where there is a matrix", async () => {
  const { state_schema: _, ...stateless } = POLICY;
  const end = await plan({ "security/release_policy.json": stateless });
  assertEquals([end.code, failedIds(end.report)], [2, ["policy_current_schema_present"]]);
});

Deno.test("environment names give versions, files, Markdown path and strict", async () => {
  await using repository = await TempRepository.make({
    ...FILES,
    "m.json": HOPS,
    "p.json": POLICY,
  });
  const end = await runScript("migration_assistant", ["--json"], {
    root: repository.root,
    env: {
      WA_MIGRATION_FROM_VERSION: "1.0.0",
      WA_MIGRATION_TO_VERSION: "1.2.0",
      WA_MIGRATION_MATRIX_FILE: "m.json",
      WA_MIGRATION_POLICY_FILE: "p.json",
      WA_MIGRATION_OUT_MD: ".data/out/plans/next.md",
      WA_MIGRATION_ASSISTANT_STRICT: "1",
    },
  });
  assertEquals([end.code, end.report.strict], [0, true]);
  assertEquals([end.report.matrix_file, end.report.policy_file], ["m.json", "p.json"]);
  assertEquals(end.report.markdown_path, ".data/out/plans/next.md");
  assertStringIncludes(await repository.read(".data/out/plans/next.md"), "1.0.0 to 1.2.0");
});
