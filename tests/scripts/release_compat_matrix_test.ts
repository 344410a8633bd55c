import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path/from-file-url";
import { failedIds, runScript } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";
import {
  type Case,
  case_,
  type CaseRow,
  changed,
  failedOf,
  FILES,
  type Json,
  matrix,
  POLICY,
  policy,
  rowOf,
  run,
  SIX,
  withMatrix,
} from "./compat_sample.ts";

Deno.test("six cases over N-1, N and N+1 pass under --strict, each read and read back", async () => {
  const end = await run({}, "--strict");
  assertEquals([end.code, failedIds(end.report)], [0, []]);
  assertEquals(end.report.clean, true);
  const row = rowOf(end, "up-2.0-2.1");
  assertEquals(row.normalized_preview, { schema_version: "2.1", id: "a" });
  assertEquals(row.fixture_sha256.length, 64);
});

Deno.test("a missing fixture fails its case", async () => {
  const cases = changed("up-2.0-2.1", { state_fixture: "fixtures/absent.json" });
  const end = await withMatrix({ cases });
  assertEquals(end.code, 2);
  assertEquals(failedIds(end.report), ["case_passes::up-2.0-2.1", "all_matrix_cases_pass"]);
  assertEquals(failedOf(end, "up-2.0-2.1"), ["fixture_loaded"]);
});

Deno.test("missing N+1 coverage fails both N+1 rows", async () => {
  const cases = SIX.filter(({ id }) => !id.includes("2.2"));
  const end = await withMatrix({ cases });
  assertEquals(end.code, 2);
  assertEquals(failedIds(end.report), [
    "matrix_covers_n_plus_one_upgrade_case",
    "matrix_covers_n_plus_one_rollback_case",
  ]);
});

Deno.test("a wrong expected check fails the case that must fail", async () => {
  const cases = changed("down-refused", { expected_failed_checks: ["from_version_semver"] });
  const end = await withMatrix({ cases });
  assertEquals(end.code, 2);
  assert(failedOf(end, "down-refused").includes("negative_case_failure_expectation"));
  assert(failedIds(end.report).includes("matrix_covers_failure_mode_case"));
});

Deno.test("a mistyped fixture path does not satisfy the failure-mode rule", async () => {
  const typo = { state_fixture: "fixtures/aray.json", expected_failed_checks: ["fixture_loaded"] };
  const end = await withMatrix({ cases: changed("down-refused", typo) });
  assertEquals(end.code, 2);
  assert(failedIds(end.report).includes("matrix_covers_failure_mode_case"));
  const meant = { ...typo, expected_failure_reason: "missing" };
  assertEquals((await withMatrix({ cases: changed("down-refused", meant) })).code, 0);
});

Deno.test("match exact refuses failures that were not expected", async () => {
  const exact = { match: "exact", expected_failed_checks: ["fixture_loaded"] };
  const end = await withMatrix({ cases: changed("down-refused", exact) });
  assertEquals(end.code, 2);
  assert(failedOf(end, "down-refused").includes("negative_case_failure_expectation"));
});

Deno.test("an empty fixture fails", async () => {
  const end = await run({ "fixtures/2.1.json": {} });
  assertEquals(end.code, 2);
  assertEquals(failedOf(end, "up-2.1-2.1"), [
    "fixture_not_empty",
    "normalized_required_fields_present",
  ]);
});

Deno.test("a fixture that states another schema fails", async () => {
  const end = await run({ "fixtures/2.0.json": { schema_version: "9.9", id: "a", name: "x" } });
  assertEquals(end.code, 2);
  assertEquals(failedOf(end, "up-2.0-2.1"), ["fixture_schema_matches_from"]);
});

Deno.test("8.8 is not N+1 of 2.1", async () => {
  const far = { from_schema: "2.1", to_schema: "8.8", reader: { kind: "as_is" } };
  const end = await withMatrix({ cases: changed("up-2.1-2.2", far) });
  assertEquals(end.code, 2);
  assertEquals(
    failedIds(end.report),
    ["matrix_covers_n_plus_one_upgrade_case"].concat(
      "cases_read_by_a_reader",
    ),
  );
});

Deno.test("an unknown kind of runtime file fails, and so does a file of another kind", async () => {
  const unknown = policy({}, { runtime_data: { files: [{ path: "r.txt", kind: "text" }] } });
  const refused = await run({ "security/release_policy.json": unknown, "r.txt": "x" });
  assertEquals([refused.code, failedIds(refused.report)[0]], [2, "release_policy_loaded"]);
  const list = policy({}, { runtime_data: { files: [{ path: "r.json", kind: "json_array" }] } });
  const other = await run({ "security/release_policy.json": list, "r.json": {} });
  assertEquals([other.code, failedIds(other.report)], [2, ["runtime_file_kind::r.json"]]);
});

Deno.test("a required runtime file that is absent fails", async () => {
  const files = [{ path: "r.json", kind: "json_object", required: true }];
  const end = await run({
    "security/release_policy.json": policy({}, { runtime_data: { files } }),
  });
  assertEquals([end.code, failedIds(end.report)], [2, ["runtime_file_exists::r.json"]]);
});

Deno.test("duplicate case ids fail", async () => {
  const end = await withMatrix({ cases: [...SIX, SIX[0]!] });
  assertEquals([end.code, failedIds(end.report)], [2, ["case_ids_unique"]]);
});

Deno.test("unknown keys, unknown rules and rows that are no objects fail by their place", async () => {
  const key = await withMatrix({ cases: changed("up-2.0-2.1", { state_fixtur: "x" }) });
  assertEquals([key.code, failedIds(key.report)], [2, ["release_compat_matrix_loaded"]]);
  assertStringIncludes(JSON.stringify(key.report), 'did you mean \\"state_fixture\\"?');
  const rule = await withMatrix({ rules: { require_n_minus_one: true } });
  assertEquals([rule.code, failedIds(rule.report)], [2, ["release_compat_matrix_loaded"]]);
  const row = await withMatrix({ cases: [...SIX, "up"] });
  assertEquals(failedIds(row.report), ["release_compat_matrix_loaded", "case_is_dict::6"]);
});

const MALFORMED: [title: string, more: Json, failed: string][] = [
  ["a direction nobody knows", { direction: "sideways" }, "direction_valid"],
  ["a version with a leading v", { from_version: "v3.3.0" }, "from_version_semver"],
  ["a version of two numbers", { to_version: "3.4" }, "to_version_semver"],
  ["a schema of one number", { from_schema: "2" }, "schema_versions_valid"],
  ["a schema that is not readable", { from_schema: "1.0" }, "from_schema_backward_compatible"],
];

for (const [title, more, failed] of MALFORMED) {
  Deno.test(`${title} fails its case`, async () => {
    const end = await withMatrix({ cases: changed("up-2.0-2.1", more) });
    assertEquals(end.code, 2);
    assert(failedOf(end, "up-2.0-2.1").includes(failed), failedOf(end, "up-2.0-2.1").join());
  });
}

Deno.test("a rollback from a newer schema needs to be allowed", async () => {
  const cases = changed("down-2.2-2.1", { allow_forward_schema_source: false });
  const end = await withMatrix({ cases });
  assertEquals(failedOf(end, "down-2.2-2.1"), ["from_schema_backward_compatible"]);
});

Deno.test("an upgrade that goes down warns, and fails under --strict", async () => {
  const cases = [...SIX, case_("up-2.1-2.0", "2.1", "2.0")];
  const lenient = await withMatrix({ cases });
  assertEquals([lenient.code, failedIds(lenient.report)], [0, ["cases_consistent"]]);
  const strict = await withMatrix({ cases }, "--strict");
  assertEquals(strict.code, 2);
  assertEquals(failedOf(strict, "up-2.1-2.0"), [
    "direction_matches_schema_order",
    "direction_matches_version_order",
  ]);
});

Deno.test("the release version must be reached and left by some case under --strict", async () => {
  const cases = SIX.filter(({ id }) => id !== "down-2.1-2.1");
  assertEquals((await withMatrix({ cases })).code, 0);
  const strict = await withMatrix({ cases }, "--strict");
  assertEquals([strict.code, failedIds(strict.report)], [2, ["matrix_covers_release_version"]]);
});

Deno.test("a schema line that contradicts itself fails under --strict", async () => {
  const files = { "security/release_policy.json": policy({ planned_next: "2.0" }) };
  assert(failedIds((await run(files)).report).includes("state_schema_line_consistent"));
});

Deno.test("no case at all fails", async () => {
  const end = await withMatrix({ cases: [] });
  assertEquals(end.code, 2);
  assert(failedIds(end.report).includes("matrix_has_cases"));
  assert(failedIds(end.report).includes("all_matrix_cases_pass"));
});

Deno.test("a policy without state schema needs no matrix, but a matrix needs the schema", async () => {
  const { state_schema: _, ...stateless } = POLICY;
  await using repository = await TempRepository.make({
    "deno.json": { version: "3.4.0" },
    "security/release_policy.json": stateless,
  });
  const run_ = () => runScript("release_compat_matrix", ["--json"], { root: repository.root });
  const none = await run_();
  assertEquals([none.code, none.report.summary.not_applicable], [0, 1]);
  await repository.write("security/release_compat_matrix.json", matrix());
  const odd = await run_();
  assertEquals([odd.code, failedIds(odd.report)], [2, ["state_schema_declared"]]);
});

for (const [title, content] of [["missing", undefined], ["malformed", "{"], ["a list", "[]"]]) {
  Deno.test(`a matrix that is ${title} fails in every mode`, async () => {
    await using repository = await TempRepository.make(FILES);
    if (content === undefined) {
      await Deno.remove(repository.path("security/release_compat_matrix.json"));
    } else await repository.write("security/release_compat_matrix.json", content);
    const end = await runScript("release_compat_matrix", ["--json"], { root: repository.root });
    assertEquals([end.code, failedIds(end.report)], [2, ["release_compat_matrix_loaded"]]);
    assertEquals((await repository.list(".data/out")).length, 1);
  });
}

Deno.test("--case runs one case and says that it is not all; an unknown one is refused", async () => {
  const end = await run({}, "--case", "up-2.1-2.2");
  assertEquals([end.code, failedIds(end.report)], [0, ["all_cases_run"]]);
  assertEquals((end.report.cases as CaseRow[]).map(({ id }) => id), ["up-2.1-2.2"]);
  assertEquals((await run({}, "--case", "nothing")).code, 64);
});

Deno.test("--init prints a matrix that keeps to its schema, with the neighbours of the policy", async () => {
  const { code, stdout } = await run({}, "--init", "--quiet");
  assertEquals(code, 0);
  const starter = JSON.parse(stdout);
  assertEquals(starter.cases.map(({ id }: Case) => id), [
    "up-2.0-2.1",
    "up-2.1-2.1",
    "up-2.1-2.2",
    "down-2.2-2.1",
    "down-2.1-2.0",
    "refuse-damaged",
  ]);
  const used = await run({ "security/release_compat_matrix.json": starter });
  assert(!failedIds(used.report).includes("release_compat_matrix_loaded"));
});

Deno.test("environment names turn strict on and name policy and matrix", async () => {
  await using repository = await TempRepository.make({
    ...FILES,
    "p.json": POLICY,
    "m.json": matrix(),
  });
  const end = await runScript("release_compat_matrix", ["--json"], {
    root: repository.root,
    env: {
      WA_RELEASE_COMPAT_MATRIX_STRICT: "1",
      WA_RELEASE_COMPAT_POLICY_FILE: "p.json",
      WA_RELEASE_COMPAT_MATRIX_FILE: "m.json",
    },
  });
  const { strict, policy_path, matrix_path } = end.report;
  assertEquals([end.code, strict, policy_path, matrix_path], [0, true, "p.json", "m.json"]);
});

/** This repository as far as its state is concerned: what a clean checkout has of it. */
async function ownRepository(): Promise<TempRepository> {
  const root = fromFileUrl(new URL("../..", import.meta.url));
  const files: Record<string, Content> = {};
  const folders = ["security", "tests/fixtures/compat"];
  for (const folder of folders) {
    for await (const { name, isFile } of Deno.readDir(`${root}/${folder}`)) {
      if (isFile) files[`${folder}/${name}`] = await Deno.readTextFile(`${root}/${folder}/${name}`);
    }
  }
  for (const path of ["deno.json", "CHANGES.md", "lib/compat/state_reader.ts"]) {
    files[path] = await Deno.readTextFile(`${root}/${path}`);
  }
  return await TempRepository.make(files);
}

Deno.test("this repository's own state passes, matrix and plan, strictly, from a clean checkout", async () => {
  await using repository = await ownRepository();
  const { root } = repository;
  for (const script of ["migration_assistant", "release_compat_matrix", "migration_assistant"]) {
    const end = await runScript(script, ["--json", "--strict"], { root });
    assertEquals([script, end.code, failedIds(end.report)], [script, 0, []]);
  }
  const governance = await runScript("release_governance_check", ["--json"], { root });
  assertEquals(failedIds(governance.report).filter((id) => id.includes("schema")), []);
  assert(governance.report.checks.some(({ id }) => id === "release_policy_schema_match"));
});
