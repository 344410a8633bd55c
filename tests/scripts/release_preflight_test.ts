import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { walk } from "@std/fs/walk";
import type { StepResult } from "../../lib/preflight/step_result.ts";
import { STEPS } from "../../lib/preflight/registry.ts";
import { governedFiles, governedRepository } from "../support/governed.ts";
import { failedIds, runScript, type ScriptEnd, spawnScript } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";

const RELEASE_STEPS = [
  "release_governance_check",
  "release_channel_validate",
  "generate_release_manifest",
];
/** The three oldest steps: enough for every behaviour of the loop, and quick. */
const ONLY = RELEASE_STEPS.flatMap((id) => ["--only", id]);

function steps(end: ScriptEnd): StepResult[] {
  return end.report["steps"] as StepResult[];
}

function statuses(end: ScriptEnd): Record<string, string> {
  return Object.fromEntries(
    steps(end).filter(({ id }) => RELEASE_STEPS.includes(id)).map(({ id, status }) => [id, status]),
  );
}

Deno.test("preflight runs the gates of a repository, seals their evidence and exits 0", async () => {
  await using repository = await governedRepository();
  const end = await runScript("release_preflight", ["--quick", "--json", ...ONLY], {
    root: repository.root,
  });
  assertEquals(end.code, 0, end.stdout + end.stderr);
  assertEquals(statuses(end), {
    release_governance_check: "passed",
    release_channel_validate: "passed",
    generate_release_manifest: "advisory_failed", // other gates did not run, so they have no evidence
  });
  const seals = (await repository.list(".data/out")).filter((name) =>
    name.startsWith("release_preflight_seal_")
  );
  assertEquals(seals.length, 1);
  const seal = await repository.json<
    { manifest: { path: string; sha256: string }; preflight_report: { path: string } }
  >(`.data/out/${seals[0]}`);
  assertEquals(seal.preflight_report.path, end.report.report_path);
  const manifest = await repository.json<
    { gate_evidence_map: Record<string, { evidence: Record<string, { state: string }> }> }
  >(seal.manifest.path);
  const [map] = Object.values(manifest.gate_evidence_map);
  assertEquals(map?.evidence["release_governance"]?.state, "valid");
  const audit = (await repository.read(".data/audit/operations_audit_chain.ndjson")).trim().split(
    "\n",
  );
  assertEquals(audit.length, 1);
  assertStringIncludes(audit[0]!, "release_manifest_seal");
});

Deno.test("a failing gate does not hide the others; only what needs it is blocked, and the exit code is 2", async () => {
  await using repository = await governedRepository({
    "deno.json": { name: "@example/app", version: "v1" },
  });
  const end = await runScript("release_preflight", ["--quick", "--json", ...ONLY], {
    root: repository.root,
  });
  assertEquals(end.code, 2);
  assertEquals(statuses(end), {
    release_governance_check: "failed",
    release_channel_validate: "advisory_failed",
    generate_release_manifest: "blocked",
  });
  assert(end.report.next_actions.length > 0);
});

Deno.test("--fail-fast stops at the first failure and says what was not reached", async () => {
  await using repository = await governedRepository({
    "deno.json": { name: "@example/app", version: "v1" },
  });
  const end = await runScript("release_preflight", ["--quick", "--json", "--fail-fast", ...ONLY], {
    root: repository.root,
  });
  assertEquals(end.code, 2);
  assertEquals(statuses(end), {
    release_governance_check: "failed",
    release_channel_validate: "not_reached",
    generate_release_manifest: "not_reached",
  });
});

Deno.test("a run in which everything is skipped is not ok, and lists every step as skipped", async () => {
  await using repository = await governedRepository();
  const flags = STEPS.map((step) => `--${step.skipFlag}`);
  const end = await runScript("release_preflight", ["--json", ...flags], { root: repository.root });
  assertEquals(end.code, 2);
  assertEquals(new Set(steps(end).map(({ status }) => status)), new Set(["skipped"]));
  assertEquals(steps(end).length, STEPS.length);
  assert(failedIds(end.report).includes("something_ran"));
});

Deno.test("a strict run refuses to leave out a mandatory step without a waiver in force", async () => {
  const waiver = {
    step: "release_channel_validate",
    owner: "ops",
    reason: "registry moves this week",
  };
  const waivers = (expires: string) => ({ version: 1, waivers: [{ ...waiver, expires }] });
  await using repository = await governedRepository({
    "security/preflight_waivers.json": waivers("2000-01-01T00:00:00Z"),
  });
  const args = ["--strict", "--plan", "--skip", "release_channel_validate"];
  const expired = await runScript("release_preflight", args, { root: repository.root });
  assertEquals(expired.code, 64);
  assertStringIncludes(
    expired.stderr,
    'Cannot leave out "release_channel_validate" in a strict run',
  );
  await repository.write("security/preflight_waivers.json", waivers("2999-01-01T00:00:00Z"));
  const waived = await runScript("release_preflight", args, { root: repository.root });
  assertEquals(waived.code, 0, waived.stderr);
  const row = JSON.parse(waived.stdout).find((row: { id: string }) =>
    row.id === "release_channel_validate"
  );
  assertEquals([row.run, row.waiver.owner], [false, "ops"]);
});

Deno.test("--plan prints the resolved commands in the documented order and runs nothing", async () => {
  await using repository = await governedRepository();
  const end = await runScript("release_preflight", ["--plan", "--quick"], {
    root: repository.root,
  });
  assertEquals(end.code, 0);
  const ids = JSON.parse(end.stdout).map((row: { id: string }) => row.id);
  assertEquals(ids, STEPS.map((step) => step.id));
  assertEquals(await repository.list(".data/out"), []);
});

/** The chain of the user's document ("Then preflight ..."), as far as the steps exist. */
const DOCUMENTED_ORDER = [
  "capacity_guard",
  "capacity_alert_threshold_suggest",
  "capacity_alert_policy_drift_check",
  "capacity_alert_policy_patch_validate",
  "capacity_stress_gate",
  "release_rollout_guard",
  "release_compat_matrix",
  "release_rollout_adapter_contract",
  "rollback_drill_guard",
  "doc_encoding_guard",
  "doc_reality_guard",
  "release_rollout_executor_dry_run",
  "correlation_trace_guard",
  "audit_trail_integrity",
  "data_classification_guard",
  "artifact_schema_catalog_guard",
  "public_release_guard",
  "migration_assistant",
  "citation_verify_long_soak_guard",
];

Deno.test("the steps keep the order of the user's document, and the seal comes last", () => {
  const ids = STEPS.map((step) => step.id);
  const present = DOCUMENTED_ORDER.filter((id) => ids.includes(id));
  assertEquals(ids.filter((id) => DOCUMENTED_ORDER.includes(id)), present);
  assertEquals(ids.at(-1), "generate_release_manifest");
});

Deno.test("every step has a script, and needs only steps before it", async () => {
  const ids = STEPS.map((step) => step.id);
  assertEquals(new Set(ids).size, ids.length);
  for (const [at, step] of STEPS.entries()) {
    assert((await Deno.stat(`scripts/${step.script}.ts`)).isFile);
    for (const need of step.needs === "all" ? [] : step.needs ?? []) {
      assert(ids.indexOf(need) < at, `${step.id} needs ${need}`);
    }
  }
});

for (
  const [args, expected] of [
    [["--only", "release_governance_chek"], 'did you mean "release_governance_check"?'],
    [["--skip", "nonsense"], "--list shows the steps"],
    [["--until", "generate_release_manifst"], 'did you mean "generate_release_manifest"?'],
    [["--quik"], "did you mean --quick?"],
  ] as const
) {
  Deno.test(`preflight ${args.join(" ")} is refused with: ${expected}`, async () => {
    await using repository = await governedRepository({}, { git: false });
    const end = await runScript("release_preflight", [...args], { root: repository.root });
    assertEquals(end.code, 64);
    assertStringIncludes(end.stderr, expected);
  });
}

Deno.test("two runs after one another seal two revisions of one candidate", async () => {
  await using repository = await governedRepository();
  const run = () =>
    runScript("release_preflight", ["--quick", "--json", ...ONLY], { root: repository.root });
  const [first, second] = [await run(), await run()];
  assertEquals([first.code, second.code], [0, 0], second.stdout);
  const [index] = await repository.list(".data/releases");
  const { revisions } = await repository.json<
    { revisions: { revision: number; reason: string; run_id: string }[] }
  >(`.data/releases/${index}`);
  assertEquals(revisions.map(({ revision }) => revision), [1, 2]);
  assertEquals(revisions[1]?.run_id, second.report.correlation.run_id);
  assertMatch(revisions[1]!.reason, /preflight/);
});

Deno.test("two runs at the same time: the second waits for the first, and both pass", async () => {
  await using repository = await governedRepository();
  const run = () => runScript("release_preflight", ["--quick", ...ONLY], { root: repository.root });
  const ends = await Promise.all([run(), run()]);
  assertEquals(ends.map(({ code }) => code), [0, 0], ends.map(({ stderr }) => stderr).join("\n"));
  assertEquals(
    ends.filter(({ stderr }) => stderr.includes("waiting for another preflight")).length,
    1,
  );
  assertEquals(
    (await repository.list(".data/out")).filter((name) =>
      name.startsWith("release_preflight_seal_")
    ).length,
    2,
  );
});

Deno.test("--wait-s 0 refuses at once while another preflight runs, with exit code 75 and its holder", async () => {
  await using repository = await governedRepository();
  const first = await spawnScript("release_preflight", ["--quick", ...ONLY], {
    root: repository.root,
  });
  const reader = first.stderr.getReader();
  await reader.read(); // its first line says that it has the lock
  const second = await runScript("release_preflight", ["--wait-s", "0", "--json", ...ONLY], {
    root: repository.root,
  });
  assertEquals(second.code, 75);
  assertStringIncludes(JSON.stringify(second.report.checks), "release_preflight, process");
  reader.releaseLock();
  assertEquals((await first.output()).code, 0);
});

Deno.test("SIGTERM ends the run and its children: exit 143 and a report that says interrupted", async () => {
  await using repository = await governedRepository();
  const child = await spawnScript("release_preflight", ["--quick", "--json"], {
    root: repository.root,
  });
  await waitForReport(repository);
  child.kill("SIGTERM");
  const { code, stdout } = await child.output();
  assertEquals(code, 143);
  const report = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([report.ok, report.interrupted], [false, true]);
  assertEquals(await repository.json(report.report_path), report);
  assertEquals(await carriers(report.correlation.run_id), "");
});

Deno.test("SIGKILL leaves a report that does not say ok, and the next run works", async () => {
  await using repository = await governedRepository();
  const child = await spawnScript("release_preflight", ["--quick", ...ONLY], {
    root: repository.root,
  });
  const path = await waitForReport(repository);
  child.kill("SIGKILL");
  await child.output();
  const report = await repository.json<{ ok: boolean; checks: { id: string; ok: boolean }[] }>(
    path,
  );
  assertEquals(report.ok, false);
  assert(report.checks.some(({ id, ok }) => id === "run_finished" && !ok));
  const next = await runScript("release_preflight", ["--quick", "--json", ...ONLY], {
    root: repository.root,
  });
  assertEquals(next.code, 0, next.stdout);
});

Deno.test("SIGKILL at any moment leaves whole files, a log that verifies, and a next run that works", async () => {
  await using repository = await governedRepository();
  const { root } = repository;
  for (const delayMs of [150, 400, 650, 900, 1_150, 1_400, 1_650]) {
    const child = await spawnScript("release_preflight", ["--quick", ...ONLY], { root });
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it was faster
    }
    await child.output();
  }
  for (const name of await repository.list(".data/out")) {
    if (!name.endsWith(".json")) continue;
    const report = await repository.json<{ kind: string; ok: boolean; interrupted?: boolean }>(
      `.data/out/${name}`,
    );
    assert(!(report.kind === "release_preflight" && report.ok && report.interrupted), name);
  }
  const next = await runScript("release_preflight", ["--quick", "--json", ...ONLY], { root });
  assertEquals(next.code, 0, next.stdout);
  const audit = await runScript("verify_audit_chain", ["--json"], { root });
  assertEquals(audit.report.ok, true, audit.stdout);
});

/** Waits until a preflight report appears; returns its path. */
async function waitForReport(repository: TempRepository): Promise<string> {
  for (let tries = 0; tries < 2_000; tries++) {
    const name = (await repository.list(".data/out")).find((name) =>
      /^release_preflight_\d\w*\.json$/.test(name)
    );
    if (name !== undefined) return `.data/out/${name}`;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("no preflight report appeared");
}

/** Processes that still carry a run's marker in their environment. */
async function carriers(runId: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", 'grep -lsa -- "WA_RELEASE_STEP=$1" /proc/[0-9]*/environ', "sh", runId],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("--resume takes over what passed on the same commit, and refuses once anything changed", async () => {
  await using repository = await governedRepository();
  const first = await runScript("release_preflight", [
    "--quick",
    "--json",
    "--skip",
    "generate_release_manifest",
    ...ONLY.slice(0, 4),
  ], { root: repository.root });
  const args = ["--quick", "--json", "--resume", first.report.report_path!, ...ONLY.slice(0, 4)];
  const resumed = await runScript("release_preflight", args, { root: repository.root });
  assertEquals(resumed.code, 0, resumed.stdout);
  assertEquals(
    steps(resumed).filter(({ reused }) => reused).map(({ id }) => id),
    ONLY.filter((arg) => !arg.startsWith("--")).slice(0, 2),
  );
  assertEquals(resumed.report.correlation.run_id, first.report.correlation.run_id);
  const environment = await runScript("release_preflight", args, {
    root: repository.root,
    env: { WA_RELEASE_GOVERNANCE_STRICT: "1" },
  });
  assertEquals(environment.code, 64);
  assertStringIncludes(environment.stdout, "environment_sha256 changed");
  await repository.write("CHANGES.md", "changed");
  const dirty = await runScript("release_preflight", args, { root: repository.root });
  assertEquals(dirty.code, 64);
  assertStringIncludes(dirty.stdout, "the working tree is not exactly a commit");
});

Deno.test("a mistyped WA_ variable is a warning with the name that was meant", async () => {
  await using repository = await governedRepository();
  const env = { WA_RELEASE_GOVERNACE_STRICT: "1" };
  const end = await runScript("release_preflight", ["--quick", "--json", ...ONLY], {
    root: repository.root,
    env,
  });
  assertEquals(end.code, 0);
  const row = end.report.checks.find(({ id }) => id === "env_known::WA_RELEASE_GOVERNACE_STRICT");
  assertEquals([row?.ok, row?.mode, row?.hint], [
    false,
    "warn",
    "did you mean WA_RELEASE_GOVERNANCE_STRICT?",
  ]);
});

Deno.test("a value that does not parse is a failed row of its step, never silently a default", async () => {
  await using repository = await governedRepository();
  const args = ["--quick", "--json", "--only", "rollback_drill_guard"];
  const env = { WA_ROLLBACK_DRILL_MAX_AGE_S: "abc" };
  const end = await runScript("release_preflight", args, { root: repository.root, env });
  assertEquals(end.code, 2);
  const step = steps(end).find(({ id }) => id === "rollback_drill_guard");
  assertEquals(step?.status, "error");
  assertStringIncludes(JSON.stringify(step), "env_valid::WA_ROLLBACK_DRILL_MAX_AGE_S");
});

Deno.test("no signing key reaches any file or stream of a run, though every step is given it", async () => {
  await using repository = await governedRepository();
  const secret = "hunter2-hunter2-hunter2-hunter2";
  const env = {
    WA_ROLLBACK_DRILL_SIGNING_KEY: secret,
    WA_RELEASE_SIGNING_KEY: secret,
    WA_AUDIT_CHAIN_SIGNING_KEY: secret,
  };
  const end = await runScript("release_preflight", ["--quick", "--json"], {
    root: repository.root,
    env,
  });
  assert(!(end.stdout + end.stderr).includes(secret));
  let files = 0;
  for await (const { path } of walk(repository.path(".data"), { includeDirs: false })) {
    assert(!(await Deno.readTextFile(path)).includes(secret), path);
    files += 1;
  }
  assert(files > STEPS.length, `${files} files`);
});

Deno.test("piped output has no escape byte and no cursor movement", async () => {
  await using repository = await governedRepository();
  const end = await runScript("release_preflight", ["--quick", ...ONLY], { root: repository.root });
  assertEquals(end.code, 0);
  assert(!end.stderr.includes("\x1b") && !end.stderr.includes("\r"), end.stderr);
  assertEquals(end.stdout, "");
});

Deno.test("in GitHub Actions failures are annotations, and the job summary has the table of steps", async () => {
  await using repository = await governedRepository({
    "deno.json": { name: "@example/app", version: "v1" },
  });
  const summary = repository.path(".data/summary.md");
  await repository.write(".data/summary.md", "earlier step\n");
  const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
  const end = await runScript("release_preflight", ["--quick", ...ONLY], {
    root: repository.root,
    env,
  });
  assertEquals(end.code, 2);
  assertMatch(
    end.stderr,
    /^::error .*title=release_preflight%3A step_passed%3A%3Arelease_governance_check::/m,
  );
  const text = await repository.read(".data/summary.md");
  assert(text.startsWith("earlier step\n## Release preflight"));
  assertMatch(text, /\| \*\*release_governance_check\*\* \| failed \|/);
});

Deno.test("--junit writes one test case for each step, well formed", async () => {
  await using repository = await governedRepository({
    "deno.json": { name: "@example/app", version: '<&\u0007"' },
  });
  const end = await runScript("release_preflight", [
    "--quick",
    "--junit",
    ".data/out/preflight.xml",
    ...ONLY,
  ], { root: repository.root });
  assertEquals(end.code, 2);
  const lint = await new Deno.Command("python3", {
    args: [
      "-c",
      "import sys,xml.etree.ElementTree as t; s=t.parse(sys.argv[1]).getroot()[0]; print(s.get('tests'), s.get('failures'), len(s.findall('testcase')))",
      repository.path(".data/out/preflight.xml"),
    ],
  }).output();
  assertEquals(
    new TextDecoder().decode(lint.stdout).trim(),
    `${STEPS.length} 1 ${STEPS.length}`,
    new TextDecoder().decode(lint.stderr),
  );
});

const SHAPES: Record<string, Record<string, string>> = {
  "an npm package": {
    "package.json": '{ "name": "app", "version": "1.2.3" }',
    "package-lock.json": "{}",
  },
  "a Python package": {
    "pyproject.toml": '[project]\nname = "app"\nversion = "1.2.3"\n',
    "uv.lock": "version = 1\n",
  },
  "a Python package without metadata": {
    "app/__init__.py": "# __version__ = \"0.0.1\"\n__version__ = '1.2.3'\n",
    "VERSION": "1.2.3\n",
  },
  "a Rust crate": { "Cargo.toml": '[package]\nname = "app"\nversion = "1.2.3"\n' },
};

for (const [name, files] of Object.entries(SHAPES)) {
  Deno.test(`--root governs ${name} from another folder`, async () => {
    await using repository = await TempRepository.make({ ...governedFiles("1.2.3"), ...files }, {
      git: true,
    });
    await using elsewhere = await TempRepository.make({});
    const end = await runScript("release_preflight", [
      "--quick",
      "--json",
      "--root",
      repository.root,
      ...ONLY,
    ], { root: elsewhere.root });
    assertEquals(end.code, 0, end.stdout + end.stderr);
    assertEquals(statuses(end)["release_governance_check"], "passed");
    assertMatch(end.report.correlation.release_candidate_id, /^rc-1\.2\.3-[0-9a-f]{12}$/);
    assertEquals(await elsewhere.list(".data"), []);
  });
}

Deno.test("a first run on a repository without policies is a short list of what to do, not a crash", async () => {
  await using repository = await TempRepository.make({
    "package.json": { name: "app", version: "1.0.0" },
  }, { git: true });
  const end = await runScript("release_preflight", ["--quick", ...ONLY], { root: repository.root });
  assertEquals(end.code, 2);
  assertStringIncludes(end.stderr, "create security/release_policy.json");
  assertStringIncludes(end.stderr, "release_channel_control set --init");
  assert(end.stderr.split("\n").length < 60, end.stderr);
});
