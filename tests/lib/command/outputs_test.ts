import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { TOOLKIT_VERSION } from "../../../lib/command/toolkit.ts";
import type { Description } from "../../../lib/command/describe.ts";
import type { TempRepository } from "../../support/temp_repository.ts";
import { probeRepository, runProbe } from "./run_probe.ts";

const USAGE: [args: string[], ...lines: string[]][] = [
  [["--lmit=3"], 'error: Unknown flag "--lmit"', "  hint: did you mean --limit?"],
  [["--limit=300"], '--limit is "300", expected a whole number >= 1 and <= 99'],
  [["--color=blue"], '--color is "blue", expected one of red, green'],
  [["--dry-run=maybe"], '--dry-run is "maybe", expected 1, true, yes, on or 0, false, no, off'],
  [["--dry-run="], '--dry-run is "", expected 1, true'],
  [["--api-token=hunter22"], "Cannot take --api-token from the command line", "WA_PROBE_API_TOKEN"],
  [["one", "two"], 'Unexpected argument "two"'],
  [["--root=/no/such/folder"], "--root", "run it from there: cd /no/such/folder"],
  [["--root=nowhere"], '--root is "nowhere", which does not exist'],
  [["--root=deno.json"], '--root is "deno.json", which is not a folder'],
  [["--\x1b[2J"], 'Unknown flag "--\\u001b[2J"'],
];

for (const [args, ...lines] of USAGE) {
  Deno.test(`${JSON.stringify(args)} is a wrong call: exit 64, a sentence, no report`, async () => {
    await using repository = await probeRepository();
    const { code, stdout, stderr } = await runProbe(repository, args);
    assertEquals([code, stdout], [64, ""], stderr);
    for (const line of lines) assertStringIncludes(stderr, line);
    for (const never of ["hunter22", "\x1b", "at file:"]) {
      assertFalse(stderr.includes(never), stderr);
    }
    assertEquals(await repository.list(".data/out"), []);
  });
}

Deno.test("outside any repository the call is wrong, and the hint says what to do", async () => {
  await using repository = await probeRepository();
  await Deno.remove(repository.path("security"), { recursive: true });
  const { code, stderr } = await runProbe(repository, []);
  assertEquals(code, 64);
  assertStringIncludes(stderr, "name it with --root DIR");
});

Deno.test("--root governs another folder, whose paths the report is relative to", async () => {
  await using repository = await probeRepository();
  await repository.write("apps/one/security/probe_policy.json", { version: 1 });
  await repository.write("apps/one/VERSION", "1.0.0\n");
  await Deno.mkdir(repository.path(".data"));
  const { code, report, stdout, stderr } = await runProbe(
    repository,
    ["--root=apps/one", "--json", "--out=../../.data/x.json"],
  );
  assertEquals(report, undefined as never);
  assertEquals(code, 0, stderr);
  const read = JSON.parse(stdout);
  assertEquals(read.inputs[0].path, "security/probe_policy.json");
  assertEquals(read.report_path, repository.path(".data/x.json"));
});

Deno.test("--json puts the report on stdout, exactly as it is on disk, and nothing elsewhere", async () => {
  await using repository = await probeRepository();
  const { stdout, stderr, report } = await runProbe(repository, ["--end=fail", "--json"]);
  assertEquals(JSON.parse(stdout), report);
  assertEquals(stdout, await repository.read(report.report_path ?? ""));
  assertEquals(stderr, "");
});

Deno.test("--quiet says nothing to people, and leaves stdout to the answer", async () => {
  await using repository = await probeRepository();
  const { stdout, stderr } = await runProbe(repository, ["--quiet"]);
  assertEquals([stdout, stderr], ["the answer\n", ""]);
});

Deno.test("--out writes to that file, new folders included, instead of .data/out", async () => {
  await using repository = await probeRepository();
  await runProbe(repository, ["--out", ".data/a/b.json"]);
  await runProbe(repository, ["--end=fail", "--out", repository.path(".data/a/b.json")]);
  const report = await repository.json(".data/a/b.json");
  assertEquals([report["ok"], report["report_path"]], [false, ".data/a/b.json"]);
  assertEquals(await repository.list(".data/out"), []);
});

const UNWRITABLE: [
  what: string,
  out: string,
  prepare: (repository: TempRepository) => Promise<void>,
][] = [
  ["a folder", ".data", (repository) => Deno.mkdir(repository.path(".data"))],
  ["outside what the script may write", "report.json", () => Promise.resolve()],
  ["below a file", ".data/file/x.json", (repository) => repository.write(".data/file", "")],
];

for (const [what, out, prepare] of UNWRITABLE) {
  Deno.test(`--out to ${what} exits with 70, and stdout says that it is not ok`, async () => {
    await using repository = await probeRepository();
    await prepare(repository);
    const { code, stdout, stderr } = await runProbe(repository, ["--json", `--out=${out}`]);
    assertEquals(code, 70);
    assertEquals([JSON.parse(stdout).ok, JSON.parse(stdout).exit_code], [false, 70]);
    assertStringIncludes(stderr, "Cannot write the report");
  });
}

Deno.test("--sarif writes the findings beside the report", async () => {
  await using repository = await probeRepository();
  await runProbe(repository, ["--end=fail", "--sarif=.data/x.sarif"]);
  const log = await repository.json<{ version: string; runs: { results: unknown[] }[] }>(
    ".data/x.sarif",
  );
  assertEquals([log.version, log.runs[0]?.results.length], ["2.1.0", 1]);
});

Deno.test("GitHub gets an annotation for a script it runs itself, not for a step of preflight", async () => {
  await using repository = await probeRepository();
  const env = { GITHUB_ACTIONS: "true" };
  const alone = await runProbe(repository, ["--end=fail", "--quiet"], { env });
  assertMatch(alone.stderr, /^::error file=a\.json,line=2,title=probe%3A probe_holds::found 1/);
  const step = await runProbe(repository, ["--end=fail", "--quiet"], {
    env: { ...env, WA_RELEASE_RUN_ID: "r" },
  });
  assertEquals(step.stderr, "");
});

const SECRET = `q7z/"${"s3cr&t".repeat(8)}`;

Deno.test("a secret appears in no output and no file, whole or in part", async () => {
  await using repository = await probeRepository();
  const env = { WA_PROBE_API_TOKEN: SECRET, GITHUB_ACTIONS: "true" };
  const args = ["--end=leak", "--sarif=.data/x.sarif"];
  const [shown, json, defect] = [
    await runProbe(repository, args, { env }),
    await runProbe(repository, [...args, "--json"], { env }),
    await runProbe(repository, ["--end=defect"], { env }),
  ];
  const files = await Promise.all(
    ["x.sarif", ...(await repository.list(".data/out")).map((name) => `out/${name}`)]
      .map((name) => repository.read(`.data/${name}`)),
  );
  assertEquals(files.length, 4);
  const texts = [shown, json, defect].flatMap(({ stdout, stderr }) => [stdout, stderr]);
  for (const text of [...texts, ...files]) {
    for (const part of ["s3cr", "q7z"]) assertFalse(text.includes(part), text);
  }
  assertEquals([shown.code, json.code, defect.code], [2, 2, 70]);
  assertStringIncludes(shown.stderr, "[redacted]");
  assertEquals(JSON.parse(json.stdout).ok, false);
});

Deno.test("a secret may come from a file, and is kept out as well", async () => {
  await using repository = await probeRepository({ "token.txt": "numeric 1767225600\n" });
  const env = { WA_PROBE_API_TOKEN_FILE: "token.txt" };
  const { report, stderr } = await runProbe(repository, ["--end=leak"], { env });
  assertEquals(report.settings.at(-1), {
    name: "api-token",
    value: "[redacted]",
    source: "environment WA_PROBE_API_TOKEN_FILE",
  });
  assertFalse(stderr.includes("numeric 1767225600"));
});

Deno.test("a secret of digits leaves the report readable", async () => {
  await using repository = await probeRepository();
  const env = { WA_PROBE_API_TOKEN: String(Math.floor(Date.now() / 1000)).slice(0, 6) };
  const { code, report } = await runProbe(repository, ["--end=leak"], { env });
  assertEquals(code, 2);
  assert(report.started_at > 1_700_000_000);
});

Deno.test("--help tells every flag, its source and every exit code, and needs no repository", async () => {
  await using repository = await probeRepository();
  await Deno.remove(repository.path("security"), { recursive: true });
  for (const args of [["--help"], ["-h"], ["--limit=abc", "--help"]]) {
    const { code, stdout, stderr } = await runProbe(repository, args);
    assertEquals([code, stderr], [0, ""]);
    for (
      const words of [
        "End in the way that is asked for.",
        "Usage: probe [flags] [WORD]",
        "--limit N                   N [default: 7, env: WA_PROBE_LIMIT, policy: /limit]",
        "--color red|green",
        "(WA_PROBE_API_TOKEN)",
        "--sarif FILE",
        "--policy PATH",
        "WA_PROBE_STRICT]",
        "Report: .data/out/probe_<UTC time>.json",
        "75 not ready yet",
      ]
    ) assertStringIncludes(stdout, words);
    assert(stdout.split("\n").every((line) => line.length <= 100));
    assertFalse(stdout.includes("--api-token"));
  }
});

Deno.test("--describe prints the declaration as JSON that --help agrees with", async () => {
  await using repository = await probeRepository();
  const { code, stdout } = await runProbe(repository, ["--describe"]);
  assertEquals(code, 0);
  const description = JSON.parse(stdout) as Description;
  const declaration = description.commands[""];
  assertEquals([description.name, description.version], ["probe", TOOLKIT_VERSION]);
  assertEquals([declaration?.kind, declaration?.artifact], ["gate", "probe"]);
  assertEquals(declaration?.policy, "security/probe_policy.json");
  const limit = declaration?.flags.find(({ name }) => name === "limit");
  assertEquals(limit, {
    name: "limit",
    kind: "integer",
    help: "N",
    accepts: "a whole number >= 1 and <= 99",
    placeholder: "N",
    env: "WA_PROBE_LIMIT",
    policy: "/limit",
    default: 7,
  });
  const { stdout: help } = await runProbe(repository, ["--help"]);
  for (const { name, kind } of declaration?.flags ?? []) {
    if (kind !== "secret") assertStringIncludes(help, `--${name}`);
  }
});

Deno.test("--version prints the toolkit's version", async () => {
  await using repository = await probeRepository();
  const { code, stdout } = await runProbe(repository, ["--version"]);
  assertEquals([code, stdout], [0, `probe ${TOOLKIT_VERSION}\n`]);
});
