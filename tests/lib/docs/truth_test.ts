import { assertEquals } from "@std/assert";
import { judgeDocument } from "../../../lib/docs/judge_document.ts";
import { indexMarkdown } from "../../../lib/docs/markdown_index.ts";
import type { Facts } from "../../../lib/docs/reference.ts";
import { fixtureFacts } from "./fixture_repository.ts";

/** Rules of the findings in a document, with lines. */
function findings(text: string, facts: Facts = fixtureFacts(), path = "docs/GUIDE.md"): string[] {
  const own: Facts = {
    ...facts,
    anchorsOf: (asked) => asked === path ? indexMarkdown(text).anchors : facts.anchorsOf(asked),
  };
  return judgeDocument(path, indexMarkdown(text), own).references
    .filter(({ status }) => status === "failed")
    .map(({ rule, line, suggestion }) =>
      `${line} ${rule}${suggestion === undefined ? "" : ` -> ${suggestion}`}`
    );
}

const FENCE = "```";

/** Documents that say something false: text and the findings wanted. */
const LIES: [what: string, text: string, wanted: string[]][] = [
  ["an inline python command", "Run `python scripts/nope.py --strict`.", ["1 script_missing"]],
  ["an inline python3 command", "Run `python3 scripts/nope.py`.", ["1 script_missing"]],
  ["a prompt", `${FENCE}sh\n$ python scripts/nope.py\n${FENCE}`, ["2 script_missing"]],
  ["an environment prefix", `${FENCE}sh\nFOO=1 python scripts/nope.py\n${FENCE}`, [
    "2 script_missing",
  ]],
  ["a tilde fence", "~~~\npython scripts/nope.py\n~~~", ["2 script_missing"]],
  ["indented code", "text\n\n    python scripts/nope.py\n", ["3 script_missing"]],
  ["a quoted script path", `${FENCE}\npython "scripts/nope.py"\n${FENCE}`, ["2 script_missing"]],
  ["a deno run", `${FENCE}sh\ndeno run --allow-read scripts/nope.ts\n${FENCE}`, [
    "2 script_missing",
  ]],
  ["a link", "See [it](nope.md).", ["1 missing_path"]],
  ["an image", "![flow](img/nope.svg)", ["1 missing_path"]],
  ["an anchor", "[codes](REFERENCE.md#exit-code)", ["1 missing_anchor -> #exit-codes"]],
  ["an own anchor", "# A b\n\n[x](#a-c)", ["3 missing_anchor -> #a-b"]],
  ["a path in fenced JSON", `${FENCE}json\n{"p": "security/nope.json"}\n${FENCE}`, [
    "2 missing_path",
  ]],
  ["a bare path", "The file docs/nope.md says so.", ["1 missing_path"]],
  [
    "a fence after stray backticks",
    `One ${FENCE} stray.\n\n${FENCE}sh\npython scripts/nope.py\n${FENCE}`,
    ["4 script_missing"],
  ],
  ["an unknown flag", "`deno run scripts/release_check.ts --max-age 1`", [
    "1 unknown_flag -> --max-age-s",
  ]],
  ["a flag's value", "`deno task release:check --profile prodd`", ["1 flag_value_invalid -> prod"]],
  ["a number out of range", "`deno task release:check --max-age-s=-1`", ["1 flag_value_invalid"]],
  ["a flag without its value", "`deno task release:check --reason --strict`", [
    "1 flag_value_missing",
  ]],
  ["a python flag", "`python scripts/legacy_report.py --inputt x`", ["1 unknown_flag -> --input"]],
  ["a shell script's flag", "`bash scripts/deploy.sh --environment x`", ["1 unknown_flag"]],
  [
    "a PowerShell parameter",
    `${FENCE}powershell\npwsh -File scripts/setup.ps1 -Targt x\n${FENCE}`,
    ["2 unknown_flag -> -Target"],
  ],
  ["an unknown task", "`deno task release:chek`", ["1 task_missing -> release:check"]],
  ["a task through a task", "`deno task check --profil dev`", ["1 unknown_flag -> --profile"]],
  ["an npm script", "`npm run biuld`", ["1 npm_script_missing -> build"]],
  ["an npm script's flag", "`npm run build -- --minfy`", ["1 unknown_flag -> --minify"]],
  ["a make target", `${FENCE}\nmake cleen\n${FENCE}`, ["2 make_target_missing -> clean"]],
  ["a subcommand", "`deno run scripts/channels.ts shwo`", ["1 unknown_subcommand -> show"]],
  ["a deno flag", "`deno run --allow-raed scripts/channels.ts show`", [
    "1 unknown_flag -> --allow-read",
  ]],
  ["a deno subcommand", "`deno tset`", ["1 unknown_subcommand -> test"]],
  ["a test path", "`deno test tests/nope_test.ts`", ["1 missing_path"]],
  ["a module", "`python -m pkg.cli.runn`", ["1 script_missing -> pkg/cli/run.py"]],
  ["a variable", "Set `WA_RELEASE_PROFIL`.", ["1 unknown_env -> WA_RELEASE_PROFILE"]],
  ["a variable with a damaged start", "Set `WXA_RELEASE_PROFILE`.", [
    "1 unknown_env -> WA_RELEASE_PROFILE",
  ]],
  ["a flag before any subcommand", "`deno run scripts/channels.ts --jsn`", [
    "1 unknown_flag -> --json",
  ]],
  ["a variable's value", "`WA_RELEASE_CHECK_STRICT=maybe`", ["1 env_value_invalid"]],
  ["an artifact", "`release_chekc_*.json`", ["1 unknown_artifact -> release_check"]],
  ["an artifact in its folder", "`.data/out/release_manifst_*.json`", [
    "1 unknown_artifact -> release_manifest",
  ]],
  ["a step", "step id: `release_chek`", ["1 unknown_step -> release_check"]],
  ["a line range", "`scripts/release_check.ts#L10-L90` and `src/app/state.ts:90`", [
    "1 line_out_of_range",
    "1 line_out_of_range",
  ]],
  ["a line link", "[x](../scripts/release_check.ts#L41)", ["1 line_out_of_range"]],
  ["a workflow", "`.github/workflows/relase.yml`", [
    "1 missing_path -> .github/workflows/release.yml",
  ]],
  ["a glob", "`security/*_polcy.json`", ["1 glob_without_match"]],
  ["a letter's case", "`Docs/REFERENCE.md`, [x](reference.md)", [
    "1 case_mismatch -> docs/REFERENCE.md",
    "1 case_mismatch -> docs/REFERENCE.md",
  ]],
  ["a root file's case", "`Readme.md`", ["1 case_mismatch -> README.md"]],
  ["a top folder", "`scrpts/release_check.ts`", ["1 missing_path -> scripts/release_check.ts"]],
  ["a way out", "`docs/../../../outside-file` [x](../../x.md)", [
    "1 path_escapes_root",
    "1 path_escapes_root",
  ]],
  ["a reference label", "[x][gone] and [y][ref]\n\n[ref]: REFERENCE.md", ["1 undefined_reference"]],
  ["a shortcut label", "[guidee]\n\n[guide]: REFERENCE.md", ["1 undefined_reference -> guide"]],
  ["a definition", "[y][ref]\n\n[ref]: NOPE.md", ["3 missing_path"]],
  ["a flag mention", "Disable it via `--max-age-sec`.", ["1 unknown_flag_mention -> --max-age-s"]],
  ["an html link", '<a href="nope.md">x</a> <img src="img/x.png">', [
    "1 missing_path",
    "1 missing_path",
  ]],
  ["a heading", "## About `scripts/nope.ts`", ["1 missing_path"]],
  ["a table cell", "| a | b |\n|---|---|\n| `docs/nope.md` | `deno task nope` |", [
    "3 missing_path",
    "3 task_missing",
  ]],
  ["a quote in a list", "- x\n  > `scripts/nope.ts`", ["2 missing_path"]],
  ["a stale runner", "`python scripts/release_check.py --strict`", [
    "1 stale_runner -> deno task release:check --strict",
  ]],
  [
    "a second command of a line",
    `${FENCE}sh\ncd src && deno task ci; npm run nope | cat\n${FENCE}`,
    ["2 npm_script_missing"],
  ],
  ["a continued line", `${FENCE}sh\ndeno task release:check \\\n  --strikt\n${FENCE}`, [
    "3 unknown_flag -> --strict",
  ]],
  ["a workflow snippet", `${FENCE}yaml\nsteps:\n  - run: deno task nope\n${FENCE}`, [
    "3 task_missing",
  ]],
  ["a wrapped command", "`sudo env A=1 timeout 5 npx deno task cj`", ["1 task_missing -> ci"]],
  ["a cargo binary", "`cargo run --release --bin sever`", ["1 cargo_target_missing -> server"]],
  ["a quoted shell text", '`bash -c "deno task nope"`', ["1 task_missing"]],
  ["a task's folder", "`deno task --cwd srcc ci`", ["1 missing_path -> src"]],
  ["a reusable workflow", `${FENCE}yaml\nuses: ./.github/workflows/nope.yml\n${FENCE}`, [
    "2 missing_path",
  ]],
  ["an image by label", "![x][flw]\n\n[flow]: img/flow.svg", ["1 undefined_reference -> flow"]],
  ["a script run directly", "`./scripts/nope.sh --x`", ["1 script_missing"]],
  ["a session without prompts", `${FENCE}console\ndeno task nope\n${FENCE}`, ["2 task_missing"]],
  ["a Windows path", `${FENCE}\npython scripts\\nope.py\n${FENCE}`, ["2 script_missing"]],
  ["an anchor in a code span", "`docs/REFERENCE.md#exit-cods`", [
    "1 missing_anchor -> #exit-codes",
  ]],
  ["a file to read", "`cat security/nope.json`", ["1 missing_path"]],
];

for (const [what, text, wanted] of LIES) {
  Deno.test(`judgeDocument() finds a lie in ${what}`, () => {
    const found = findings(text);
    assertEquals(
      found.map((one, i) => wanted[i]?.includes("->") ? one : one.replace(/ ->.*/, "")),
      wanted,
    );
  });
}

const TRUTHS: [what: string, text: string][] = [
  [
    "templated names",
    "`scripts/<name>.py` `scripts/release_<name>.py` `scripts/x-$VER.py` `docs/{name}.md` `.github/workflows/%NAME%.yml`",
  ],
  ["brace lists", "`docs/{GUIDE,REFERENCE}.md` `docs/topic_{a,b}.md`"],
  [
    "open arguments",
    '`deno run scripts/release_check.ts ...` `deno task release:check --reason "<text>" --max-age-s N`',
  ],
  ["comments", "<!-- `scripts/nope.ts` docs/nope.md deno task nope -->\n\n`docs/GUIDE.md`"],
  [
    "console output",
    `${FENCE}console\n$ deno task ci\nscripts/nope.ts failed: deno task nope\nWA_RUNTIME_ENV\n${FENCE}`,
  ],
  [
    "here-documents",
    `${FENCE}sh\ncat > x <<'EOF'\npython scripts/nope.py\nEOF\ndeno task ci\n${FENCE}`,
  ],
  [
    "nested Markdown",
    `${FENCE}${FENCE}md\n${FENCE}sh\npython scripts/nope.py\n${FENCE}\n[x](nope.md)\n${FENCE}${FENCE}`,
  ],
  [
    "history",
    "# Guide\n\n## Changelog\n\nRemoved `scripts/nope.ts` and [x](nope.md).\n\n### 1.2.0\n\n`docs/nope.md`\n",
  ],
  [
    "other repositories",
    "`owner/repo/docs/nope.md` `github.com/o/r/scripts/nope.ts` `../other/scripts/nope.ts` `owner/repo@v1` https://h.test/docs/nope.md",
  ],
  [
    "prose in code",
    "`and/or` `n/a` `text/html` `npm:foo/bar` `@std/path` `/healthz` `origin/main` `a/b` `make it so/so`",
  ],
  [
    "marked examples",
    `<!-- example -->\n${FENCE}sh\npython scripts/nope.py\n${FENCE}\n\n${FENCE}sh example\ndeno task nope\n${FENCE}`,
  ],
  [
    "a marked region",
    "<!-- docs-reality: off -->\n`scripts/nope.ts`\n\n[x](nope.md)\n<!-- docs-reality: on -->",
  ],
  [
    "stand-ins",
    "`scripts/your_script.ts` `path/to/file.md` `docs/foo.md` `deno run scripts/example.ts`",
  ],
  [
    "output paths",
    "`deno task release:check --out dist/report.json` `.data/out/release_check_*.json` `dist/x/y.js`",
  ],
  ["versions in code", "`deno 2.9.6`, `python 3.12`, `node >= 20`"],
  [
    "query strings and lines",
    "`docs/GUIDE.md?plain=1` `scripts/deploy.sh:1` `tests/main_test.ts::name`",
  ],
  [
    "Windows paths",
    `${FENCE}\npython scripts\\legacy_report.py --verbose\n${FENCE}\n\n\`scripts\\deploy.sh\``,
  ],
  [
    "things that are gone",
    "The file `scripts/old_report.py` was removed; `docs/OLD.md` no longer exists.",
  ],
  [
    "another repository in words",
    "In the `acme/tools` repository, `scripts/nope.py` does it. The upstream project has `docs/nope.md`.",
  ],
  [
    "comments in data",
    `${FENCE}yaml\n# docs/nope.md\na: docs/GUIDE.md # scripts/nope.ts\n${FENCE}`,
  ],
  ["a Cargo workspace", "`cargo run --bin server -- --x` and `cargo test -p core`"],
  [
    "names a variable was named after",
    "`RELEASE_CHECK_STRICT`, APP_RELEASE_ENGINEERING.md and `AWS_SECRET_ACCESS_KEY`",
  ],
  [
    "existing things",
    "`docs/` `src/app` `deno.json` `security/*.json` `src/**` `./scripts/deploy.sh --env x` `main.ts`",
  ],
  [
    "duplicate and non-ASCII headings",
    "[a](REFERENCE.md#exit-codes-1) [b](REFERENCE.md#%C3%BCberblick-und-gr%C3%B6%C3%9Fe) [c](REFERENCE.md#überblick-und-größe) [d](REFERENCE.md#custom)",
  ],
  [
    "variable prefixes",
    "`WA_RELEASE_*` `WA_RELEASE_CHECK_STRICT=1` `WA_RELEASE_PROFILE=dev|staging|prod` WA_RELEASE_MAX_AGE_S=600",
  ],
  [
    "other tools",
    `${FENCE}sh\ngit clone https://h.test/r && cd r\ncurl -fsSL https://h.test/docs/x.sh | sh\ndocker run -it image\ncargo build --release\n${FENCE}`,
  ],
  ["flags of the tools around", "`--allow-read` `--help` `--frozen` `-x`"],
  ["array indexes", "Take cells[i][j] and x[0][1]; a footnote[^1] and [ ] or [x].\n\n[^1]: text"],
  [
    "PowerShell",
    `${FENCE}powershell\n$env:WA_RELEASE_PROFILE = "dev"; .\\scripts\\setup.ps1 -Target x -Force\ndeno task release:check \`\n  --strict\n${FENCE}`,
  ],
  [
    "json in a policy",
    `${FENCE}json\n{ "globs": ["runbooks/**/*.md", "docs/**/*.md"], "x": "src/main.ts" }\n${FENCE}`,
  ],
];

for (const [what, text] of TRUTHS) {
  Deno.test(`judgeDocument() finds nothing in ${what}`, () => assertEquals(findings(text), []));
}

Deno.test("judgeDocument() follows aliases until they expire, and checks what they stand for", () => {
  const alias = {
    match: "python scripts/{stem}.py",
    to: "deno run scripts/{stem}.ts",
    mode: "warn",
    reason: "x",
  } as const;
  const text =
    "`python scripts/release_check.py --strict`\n\n`python scripts/release_check.py --nope`";
  const valid = fixtureFacts({ facts: { aliases: [{ ...alias, expires: "2026-11-26" }] } });
  const expired = fixtureFacts({ facts: { aliases: [{ ...alias, expires: "2026-11-25" }] } });
  assertEquals(findings(text, valid), ["3 unknown_flag"]);
  assertEquals(findings(text, expired).map((one) => one.slice(0, 14)), [
    "1 stale_runner",
    "3 stale_runner",
  ]);
});
