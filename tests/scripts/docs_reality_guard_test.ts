import { assert, assertArrayIncludes, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path/from-file-url";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";

const SEED = fromFileUrl(new URL("../../../shared/RELEASE_ENGINEERING.seed.md", import.meta.url));
const FENCE = "```";

/** A repository whose one script answers `--describe` without this toolkit. */
const DESCRIBED = `#!/usr/bin/env -S deno run --no-prompt
const defineCommand = (command: unknown): unknown => command;
defineCommand({});
const flag = (name: string, kind: string, accepts: string, env?: string) => ({ name, kind, accepts, env });
if (Deno.args.includes("--describe")) {
  console.log(JSON.stringify({ name: "check", commands: { "": { artifact: "check", flags: [
    flag("strict", "boolean", "1, true, yes, on or 0, false, no, off", "WA_CHECK_STRICT"),
    flag("max-age-s", "integer", "a whole number >= 0"),
  ] } } }));
}
`;

const BASE: Record<string, Content> = {
  "deno.json": { tasks: { check: "deno run scripts/check.ts" } },
  "scripts/check.ts": DESCRIBED,
  "security/docs_reality_policy.json": { version: 2 },
  "README.md":
    "# Project\n\nRun `deno task check --strict --max-age-s 60`; see [more](docs/MORE.md#part).\n`WA_CHECK_STRICT=1`\n",
  "docs/MORE.md": "# More\n\n## Part\n\n`scripts/check.ts`\n",
};

async function guard(
  files: Record<string, Content | undefined>,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<ScriptEnd> {
  const kept = Object.entries({ ...BASE, ...files }).filter((entry): entry is [string, Content] =>
    entry[1] !== undefined
  );
  await using repository = await TempRepository.make(Object.fromEntries(kept), { git: true });
  return await runScript("docs_reality_guard", ["--json", ...args], { root: repository.root, env });
}

Deno.test("docs_reality_guard passes on true documents, and says how much it examined", async () => {
  const { code, report } = await guard({}, ["--strict", "--require-python-command-check"]);
  assertEquals([code, failedIds(report), report.clean], [0, [], true]);
  const commands = report.checks.find(({ id }) => id === "doc_commands_callable");
  assertEquals((commands?.value as { examined: number }).examined, 1);
  assertEquals(report["docs_scanned"], ["README.md", "docs/MORE.md"]);
});

const LIES: [what: string, readme: string, id: string, rule: string][] = [
  ["a missing path", "`docs/GONE.md`", "doc_referenced_paths_exist", "missing_path"],
  ["a dead link", "[x](docs/GONE.md)", "doc_referenced_paths_exist", "missing_path"],
  ["a dead anchor", "[x](docs/MORE.md#gone)", "doc_anchors_resolve", "missing_anchor"],
  ["an unknown flag", "`deno task check --max-age 1`", "doc_commands_callable", "unknown_flag"],
  [
    "a value that does not parse",
    "`deno task check --max-age-s soon`",
    "doc_commands_callable",
    "flag_value_invalid",
  ],
  ["an unknown task", "`deno task chek`", "doc_commands_callable", "task_missing"],
  [
    "a Python command",
    "`python scripts/gone.py`",
    "doc_python_commands_callable",
    "script_missing",
  ],
  ["an unknown variable", "`WA_CHECK_STRICKT=1`", "doc_env_names_declared", "unknown_env"],
  [
    "a variable's value",
    "`WA_CHECK_STRICT=perhaps`",
    "doc_env_names_declared",
    "env_value_invalid",
  ],
  [
    "an unknown artifact",
    "`.data/out/chekc_*.json`",
    "doc_artifact_names_known",
    "unknown_artifact",
  ],
  ["an unknown step", "step id: `no_such_step`", "doc_step_ids_known", "unknown_step"],
  [
    "a flag that stands alone",
    "Use `--max-age-sec`.",
    "doc_flag_mentions_known",
    "unknown_flag_mention",
  ],
];

for (const [what, readme, id, rule] of LIES) {
  Deno.test(`docs_reality_guard fails ${id} for ${what}, with its place`, async () => {
    const text = `# Project\n\n${readme} \`WA_CHECK_STRICT\`\n`;
    const { code, report } = await guard({ "README.md": text }, [
      "--strict",
      "--require-python-command-check",
    ]);
    assertEquals(code, 2);
    assertArrayIncludes(failedIds(report), [id]);
    const findings = report["findings"] as { rule: string; location: unknown }[];
    assertEquals(findings.map((finding) => finding.rule), [rule]);
    const column = rule.startsWith("flag_value") || rule === "unknown_flag" ? undefined : 2;
    const location = findings[0]?.location as { file: string; line: number; column: number };
    assertEquals([location.file, location.line], ["README.md", 3]);
    if (column !== undefined) assert(location.column >= column);
  });
}

Deno.test("docs_reality_guard enforces missing paths without --strict, and commands only when asked", async () => {
  const path = await guard({ "README.md": "`docs/GONE.md`\n" });
  assertEquals([path.code, path.report.ok], [2, false]);
  const command = await guard({ "README.md": "`python scripts/gone.py`\n" });
  assertEquals([command.code, command.report.clean], [0, false]);
  const asked = await guard({ "README.md": "`python scripts/gone.py`\n" }, [], {
    WA_DOC_REALITY_GUARD_REQUIRE_PYTHON_CHECK: "1",
  });
  assertEquals(asked.code, 2);
});

Deno.test("docs_reality_guard tolerates as many as it is told, at the limit and not beyond", async () => {
  const readme = "`docs/ONE.md` `docs/TWO.md`\n";
  assertEquals((await guard({ "README.md": readme }, ["--max-missing-paths", "2"])).code, 0);
  assertEquals((await guard({ "README.md": readme }, ["--max-missing-paths", "1"])).code, 2);
  assertEquals(
    (await guard({ "README.md": readme }, [], { WA_DOC_REALITY_GUARD_MAX_MISSING_PATHS: "2" }))
      .code,
    0,
  );
  const policy = { version: 2, max_missing_paths: 2 };
  assertEquals(
    (await guard({ "README.md": readme, "security/docs_reality_policy.json": policy })).code,
    0,
  );
  const commands = "`deno task one` and `deno task two`\n";
  const args = ["--require-command-check", "--max-command-failures"];
  assertEquals((await guard({ "README.md": commands }, [...args, "2"])).code, 0);
  assertEquals((await guard({ "README.md": commands }, [...args, "1"])).code, 2);
});

Deno.test("docs_reality_guard does not pass when there is nothing to judge", async () => {
  const { code, report } = await guard({ "README.md": undefined, "docs/MORE.md": undefined });
  assertEquals([code, failedIds(report)[0]], [2, "docs_scanned_non_empty"]);
});

Deno.test("docs_reality_guard refuses documents that are not UTF-8 instead of reading noise", async () => {
  const utf16 = Uint8Array.from([0xff, 0xfe, ...[..."# a"].flatMap((c) => [c.charCodeAt(0), 0])]);
  const { code, report } = await guard({ "docs/MORE.md": utf16, "README.md": "text\n" });
  assertEquals([code, failedIds(report).includes("docs_readable")], [2, true]);
});

Deno.test("docs_reality_guard judges a malformed policy, never its defaults", async () => {
  for (const policy of ["{", '{"version":9}', '{"version":2,"dok_globs":[]}']) {
    const { code, report } = await guard({ "security/docs_reality_policy.json": policy });
    assertEquals([code, failedIds(report)], [2, ["policy_loaded"]]);
  }
  const missing = await guard({ "security/docs_reality_policy.json": undefined });
  assertEquals([missing.code, failedIds(missing.report).includes("policy_loaded")], [0, true]);
});

Deno.test("docs_reality_guard accepts listed findings until they expire, and names idle entries", async () => {
  const entry = {
    rule: "missing_path",
    match: "docs/GONE.md",
    reason: "moves next week",
    expires: "2999-01-01",
  };
  const files = (allow: unknown[]): Record<string, Content> => ({
    "README.md": "`docs/GONE.md`\n",
    "security/docs_reality_policy.json": { version: 2, allow },
  });
  assertEquals((await guard(files([entry]))).code, 0);
  const expired = await guard(files([{ ...entry, expires: "2020-01-01" }]));
  assertEquals([expired.code, failedIds(expired.report).includes("doc_allowances_current")], [
    2,
    true,
  ]);
});

Deno.test("docs_reality_guard tells which script does not answer --describe", async () => {
  const { code, report } = await guard({
    "scripts/check.ts": DESCRIBED.replace("JSON.stringify", "String"),
  }, ["--strict"]);
  assertEquals(code, 2);
  assertArrayIncludes(failedIds(report), ["doc_declarations_readable"]);
});

Deno.test("docs_reality_guard never runs what is documented, and lets no declaration write", async () => {
  const writes = `Deno.writeTextFileSync("written.txt", "x");\n`;
  await using repository = await TempRepository.make({
    ...BASE,
    "scripts/check.ts": DESCRIBED.replace("defineCommand({});", `defineCommand({});\n${writes}`),
    "scripts/side.py": "open('written.txt', 'w').write('x')\n",
    "README.md": "`python scripts/side.py` and `deno run -W scripts/check.ts`\n",
  }, { git: true });
  const { report } = await runScript("docs_reality_guard", ["--json", "--require-command-check"], {
    root: repository.root,
  });
  assertArrayIncludes(failedIds(report), ["doc_declarations_readable"]);
  assertEquals((await repository.list(".")).includes("written.txt"), false);
});

Deno.test("docs_reality_guard judges existence by what git tracks, and works without git", async () => {
  await using repository = await TempRepository.make({ ...BASE, ".gitignore": "docs/LOCAL.md\n" }, {
    git: true,
  });
  await repository.write("docs/LOCAL.md", "x");
  await repository.write("README.md", "[x](docs/LOCAL.md)\n");
  const tracked = await runScript("docs_reality_guard", ["--json"], { root: repository.root });
  assertEquals(tracked.report["missing_paths"], ["docs/LOCAL.md"]);
  await using plain = await TempRepository.make({
    ...BASE,
    "README.md": "`docs/MORE.md` `docs/GONE.md`\n",
  });
  const walked = await runScript("docs_reality_guard", ["--json"], { root: plain.root });
  assertEquals(walked.report["missing_paths"], ["docs/GONE.md"]);
});

Deno.test("docs_reality_guard writes its findings as SARIF", async () => {
  await using repository = await TempRepository.make({
    ...BASE,
    "README.md": "# x\n\n`docs/MOER.md`\n",
  }, { git: true });
  const { code } = await runScript(
    "docs_reality_guard",
    ["--quiet", "--sarif", ".data/docs.sarif"],
    { root: repository.root },
  );
  const sarif = await repository.json<
    {
      runs: {
        results: {
          ruleId: string;
          message: { text: string };
          locations: { physicalLocation: { region: unknown } }[];
        }[];
      }[];
    }
  >(".data/docs.sarif");
  const [result] = sarif.runs[0]?.results ?? [];
  assertEquals([code, result?.ruleId, result?.locations[0]?.physicalLocation.region], [
    2,
    "missing_path",
    { startLine: 3, startColumn: 2 },
  ]);
  assertStringIncludes(result?.message.text ?? "", "docs/MORE.md");
});

/** Files that the user's document names, scripts in the given language. */
function seedRoot(seed: string, extension: "py" | "ts"): Record<string, Content> {
  const names = [
    ...new Set([...seed.matchAll(/python scripts\/(\w+)\.py/g)].map(([, name]) => name ?? "")),
  ];
  const flags = [...new Set(seed.match(/--[a-z][\w-]+/g))];
  const variables = [...new Set(seed.match(/WA_[A-Z0-9_]+/g))];
  const paths = [
    ...seed.matchAll(/`((?:security|docs|\.github)\/[\w./-]+\.\w+)`|=(security\/[\w.]+)/g),
  ].map((found) => found[1] ?? found[2] ?? "");
  const source = extension === "py"
    ? `import argparse\np = argparse.ArgumentParser()\n${
      flags.map((flag) => `p.add_argument("${flag}")`).join("\n")
    }\np.parse_args()\n`
    : `parseArgs(Deno.args); // ${flags.join(" ")}\n`;
  return {
    ...Object.fromEntries(paths.map((path) => [path, "{}\n"])),
    ...Object.fromEntries(names.map((name) => [`scripts/${name}.${extension}`, source])),
    [`src/names.${extension}`]: variables.map((name) => `# ${name}\n`).join(""),
    "docs/RELEASE_ENGINEERING.md": seed,
  };
}

const present = await Deno.stat(SEED).then(() => true, () => false);
const without = present ? "" : " (skipped: ../shared/RELEASE_ENGINEERING.seed.md is not there)";

Deno.test({
  name: `docs_reality_guard judges the user's document by what the repository holds${without}`,
  ignore: !present,
  async fn() {
    const seed = await Deno.readTextFile(SEED);
    const alias = {
      match: "python scripts/{stem}.py",
      to: "deno run scripts/{stem}.ts",
      mode: "warn",
      reason: "inherited text",
    };
    const policy = (expires: string): Content => ({
      version: 2,
      command_aliases: [{ ...alias, expires }],
    });
    const judge = async (
      files: Record<string, Content>,
    ): Promise<{ code: number; rules: Set<string>; report: ScriptEnd["report"] }> => {
      await using repository = await TempRepository.make(files, { git: true });
      const args = [
        "--json",
        "--require-python-command-check",
        "--doc-glob",
        "docs/RELEASE_ENGINEERING.md",
      ];
      const { code, report } = await runScript("docs_reality_guard", args, {
        root: repository.root,
      });
      const findings = report["findings"] as {
        rule: string;
        message: string;
        location: { line: number };
      }[];
      return { code, rules: new Set(findings.map(({ rule }) => rule)), report };
    };
    const python = await judge({
      ...seedRoot(seed, "py"),
      "security/docs_reality_policy.json": { version: 2 },
    });
    assertEquals(
      [python.code, [...python.rules]],
      [0, []],
      JSON.stringify(python.report["findings"]),
    );
    assert((python.report["totals"] as { commands: number }).commands >= 23);
    const deno = await judge({
      ...seedRoot(seed, "ts"),
      "security/docs_reality_policy.json": { version: 2 },
    });
    assertEquals([deno.code, [...deno.rules]], [2, ["stale_runner"]]);
    const aliased = await judge({
      ...seedRoot(seed, "ts"),
      "security/docs_reality_policy.json": policy("2999-01-01"),
    });
    assertEquals([aliased.code, failedIds(aliased.report)], [0, ["doc_commands_aliased"]]);
    const expired = await judge({
      ...seedRoot(seed, "ts"),
      "security/docs_reality_policy.json": policy("2020-01-01"),
    });
    assertEquals([expired.code, [...expired.rules]], [2, ["stale_runner"]]);
  },
});

Deno.test("docs_reality_guard reports a nested console session at its own lines", async () => {
  const readme =
    `# x\n\n- step\n\n  ${FENCE}console\n  $ deno task check --strict\n  0 failed\n  $ deno task gone\n  ${FENCE}\n\n\`WA_CHECK_STRICT\`\n`;
  const { report } = await guard({ "README.md": readme }, ["--require-command-check"]);
  const findings = report["findings"] as { location: { line: number; column: number } }[];
  assertEquals(findings.map(({ location }) => [location.line, location.column]), [[8, 15]]);
});
