import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";

const SCRIPT = "release_governance_check";

const POLICY = {
  version: 2,
  app_version: "1.2.0",
  state_schema: {
    current: "5.2",
    backward_read_compatible: ["5.1", "5.2"],
    source: { path: "src/state.ts", pattern: 'SCHEMA = "(.+?)"' },
  },
  runtime_data: {
    files: [
      { path: ".data/config.json", kind: "json_object", required: true },
      { path: ".data/events.json", kind: "json_array" },
    ],
  },
};

/** A repository in which everything agrees. */
const FILES: Record<string, Content> = {
  ".gitignore": ".data/out/\n",
  "deno.json": { version: "1.2.0" },
  "src/state.ts": 'export const SCHEMA = "5.2";\n',
  "security/release_policy.json": POLICY,
  "security/dependency_baseline.json": {
    version: 1,
    generated_at: 1_767_225_600,
    levels: { deno: { low: 1, total: 1 } },
  },
  "CHANGES.md": "# Changes\n\n## 1.2.0\n\n- new\n",
  "docs/RELEASE_AND_ROLLBACK.md": "# Release and rollback\n",
  ".data/config.json": {},
};

const govern = (repository: TempRepository, args: string[] = [], env = {}): Promise<ScriptEnd> =>
  runScript(SCRIPT, [...args, "--json"], { root: repository.root, env });

Deno.test("everything that agrees passes strictly, and the report names all it was judged from", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  const { code, report } = await govern(repository, ["--strict", "--require-changes-version"]);
  assertEquals([code, failedIds(report), report.clean], [0, [], true]);
  assertEquals(report["versions"], { app_version: "1.2.0", state_schema_version: "5.2" });
  const read = report.inputs.filter(({ state }) => state === "ok").map(({ path }) => path);
  assertEquals(read, [
    ".data/config.json",
    "CHANGES.md",
    "deno.json",
    "docs/RELEASE_AND_ROLLBACK.md",
    "security/dependency_baseline.json",
    "security/release_policy.json",
    "src/state.ts",
  ]);
  assert(report.inputs.every(({ state, sha256 }) => state === "missing" || sha256?.length === 64));
  assertEquals([report.git.available, report.git.branch, report.git.dirty], [true, "main", false]);
});

const baseline = (levels: unknown): Content => ({ version: 1, generated_at: 1, levels });
const rollout = (canary: number[], max: number): Content => ({
  version: 1,
  channels: { canary: { max_rollout_percent: max } },
  stages: { canary },
});

/** What is changed, what fails for it, and the exit codes without and with `--strict`. */
const CASES: [
  what: string,
  files: Record<string, Content | undefined>,
  failed: string[],
  codes: [loose: number, strict: number],
][] = [
  ["the code is ahead of policy and changelog", { "deno.json": { version: "1.2.1" } }, [
    "release_policy_app_version_match",
    "changes_mentions_current_version",
  ], [0, 2]],
  ["the schema in the code is another", { "src/state.ts": 'SCHEMA = "5.3"' }, [
    "release_policy_schema_match",
    "release_policy_backward_compat_contains_current",
  ], [0, 2]],
  ["the changelog has only 11.2.0", { "CHANGES.md": "## 11.2.0\nx" }, [
    "changes_mentions_current_version",
  ], [0, 2]],
  ["there is no changelog", { "CHANGES.md": undefined }, [
    "changes_doc_exists",
    "changes_mentions_current_version",
  ], [0, 2]],
  ["runtime data breaks its contract", { ".data/config.json": [], ".data/events.json": "{" }, [
    "runtime_file_json::.data/config.json",
    "runtime_file_json::.data/events.json",
  ], [0, 2]],
  ["required runtime data is missing", { ".data/config.json": undefined }, [
    "runtime_file_exists::.data/config.json",
  ], [2, 2]],
  ["the release document is empty", { "docs/RELEASE_AND_ROLLBACK.md": " \n" }, [
    "release_doc_exists",
  ], [2, 2]],
  [
    "the baseline has text for a number",
    {
      "security/dependency_baseline.json": baseline({ deno: { low: "1", total: 1 } }),
    },
    ["dependency_baseline_valid"],
    [2, 2],
  ],
  ["there is no policy", { "security/release_policy.json": undefined }, [
    "release_policy_loaded",
  ], [2, 2]],
  ["every policy is {}", {
    "security/release_policy.json": {},
    "security/dependency_baseline.json": {},
    "security/release_rollout_policy.json": {},
    "security/release_traffic_adapter_contract.json": {},
  }, [
    "release_policy_loaded",
    "dependency_baseline_valid",
    "release_rollout_policy_loaded",
    "release_rollout_adapter_contract_loaded",
  ], [2, 2]],
  [
    "a canary stage is above the cap",
    {
      "security/release_rollout_policy.json": rollout([5, 50], 25),
    },
    ["xpolicy_canary_stages_within_max"],
    [2, 2],
  ],
  ["nothing states a version", { "deno.json": {} }, [
    "version_sources_readable",
    "app_version_semver",
    "version_sources_agree",
    "release_policy_app_version_match",
    "changes_mentions_current_version",
  ], [2, 2]],
];

for (const [what, files, failed, codes] of CASES) {
  Deno.test(`fails [${failed}] where ${what}`, async () => {
    await using repository = await TempRepository.make(FILES);
    for (const [path, content] of Object.entries(files)) {
      if (content === undefined) await Deno.remove(repository.path(path));
      else await repository.write(path, content);
    }
    const [loose, strict] = await Promise.all([
      govern(repository),
      govern(repository, ["--strict"]),
    ]);
    assertEquals([failedIds(loose.report), failedIds(strict.report)], [failed, failed]);
    assertEquals([loose.code, strict.code], codes);
    const silent = loose.report.checks.filter(({ ok, hint }) => !ok && !hint);
    assertEquals(silent, []);
  });
}

Deno.test("--require-changes-version enforces the changelog without --strict, as does its variable", async () => {
  await using repository = await TempRepository.make({ ...FILES, "CHANGES.md": "" });
  const [none, flag, variable] = await Promise.all([
    govern(repository),
    govern(repository, ["--require-changes-version"]),
    govern(repository, [], { WA_RELEASE_REQUIRE_CHANGES_VERSION: "1" }),
  ]);
  assertEquals([none.code, flag.code, variable.code], [0, 2, 2]);
});

Deno.test("a version changed without policy and changelog fails against the base of the change", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  await repository.git("checkout", "-q", "-b", "topic");
  await repository.write("deno.json", { version: "1.3.0" });
  const alone = await govern(repository, ["--base-ref=main"]);
  assert(failedIds(alone.report).includes("same_change_policy_update"));
  await repository.write("security/release_policy.json", { ...POLICY, app_version: "1.3.0" });
  await repository.write("CHANGES.md", "## 1.3.0\n\n- x\n");
  await repository.commit("all of it");
  const env = { GITHUB_BASE_REF: "main" };
  const together = await govern(
    repository,
    ["--strict", "--policy=./security/release_policy.json"],
    env,
  );
  assertEquals([together.code, failedIds(together.report)], [0, []]);
  const row = together.report.checks.find(({ id }) => id === "same_change_policy_update");
  assertEquals([row?.ok, row?.not_applicable], [true, undefined]);
});

Deno.test("a version behind the last tag, and a tag of another version, fail", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  await repository.git("tag", "v1.3.0");
  const env = { GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: "v1.3.0" };
  const { code, report } = await govern(repository, [], env);
  assertEquals([code, failedIds(report)], [2, [
    "version_not_behind_last_tag",
    "tag_matches_version",
  ]]);
});

Deno.test("policies and documents may lie elsewhere", async () => {
  await using repository = await TempRepository.make({
    ...FILES,
    "ops/rollout.json": rollout([5, 50], 25),
    "app/about.py": "__version__ = '1.2.0'\n",
  });
  const moved = await govern(repository, [
    "--rollout-policy=ops/rollout.json",
    "--version-source=python_init:app/about.py",
  ]);
  assertEquals(failedIds(moved.report), ["xpolicy_canary_stages_within_max"]);
  assertEquals((moved.report["paths"] as Record<string, unknown>)["version_sources"], [
    "app/about.py",
  ]);
  const odd = await govern(repository, ["--version-source=app/about.py"]);
  assertEquals([odd.code, failedIds(odd.report)], [64, ["call_valid"]]);
});

const SHAPES: [what: string, files: Record<string, Content>, sources: string[]][] = [
  ["an npm package", {
    "package.json": { name: "x", version: "1.2.0" },
    "src/state.ts": FILES["src/state.ts"]!,
  }, ["package.json"]],
  ["a Python package", {
    "pyproject.toml": '[project]\nname = "x"\ndynamic = ["version"]\n',
    "src/x/__init__.py": '# __version__ = "9.9.9"\n__version__ = "1.2.0"\n',
    "src/state.ts": 'SCHEMA = "5.2"\n',
  }, ["src/x/__init__.py"]],
  ["a Deno project", {
    "deno.jsonc": '{ // the version\n  "version": "1.2.0", }\n',
    "jsr.json": { version: "1.2.0" },
    "src/state.ts": FILES["src/state.ts"]!,
  }, ["deno.jsonc", "jsr.json"]],
];

for (const [what, files, sources] of SHAPES) {
  Deno.test(`governs ${what}, found by itself or named with --root`, async () => {
    const { "deno.json": _, "src/state.ts": _state, ...common } = FILES;
    await using repository = await TempRepository.make({ ...common, ...files }, { git: true });
    const [strict, rooted] = await Promise.all([
      govern(repository, ["--strict"]),
      govern(repository, ["--strict", "--root", repository.root]),
    ]);
    assertEquals([strict.code, failedIds(strict.report), rooted.code], [0, [], 0]);
    const paths = strict.report["paths"] as Record<string, unknown>;
    assertEquals(paths["version_sources"], sources);
  });
}

Deno.test("people get one screen: the verdict, what failed first, what to do", async () => {
  await using repository = await TempRepository.make({
    ...FILES,
    "deno.json": { version: "1.3.0" },
  });
  const { code, stdout, stderr } = await runScript(SCRIPT, [], { root: repository.root });
  assertEquals([code, stdout], [0, ""]);
  const lines = stderr.split("\n");
  assertStringIncludes(
    lines[0] ?? "",
    "! release_governance_check warned: release_policy_app_version_match and 1 more",
  );
  assertStringIncludes(
    lines[2] ?? "",
    'hint: set app_version to "1.3.0" in security/release_policy.json',
  );
  assertEquals(stderr.includes("\x1b"), false);
});
