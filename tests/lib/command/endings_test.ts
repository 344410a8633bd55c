import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { Report } from "../../../lib/report/report.ts";
import { readAtLeast } from "../../support/run_module.ts";
import type { Content } from "../../support/temp_repository.ts";
import { endOf, probeRepository, runProbe, spawnProbe } from "./run_probe.ts";

const ENDINGS: [end: string, code: number, failedCheck: string | undefined, hint?: string][] = [
  ["pass", 0, undefined],
  ["warn", 0, "probe_holds"],
  ["fail", 2, "probe_holds"],
  ["usage", 64, "call_valid", "leave one out"],
  ["io", 70, "state_readable"],
  ["not-ready", 75, "ready", "run the probe first"],
  ["busy", 75, "ready", "try again in a moment"],
  ["defect", 70, "no_internal_error"],
  ["denied", 70, "permitted"],
  ["nothing", 70, "no_internal_error"],
];

for (const [end, code, failedCheck, hint] of ENDINGS) {
  Deno.test(`a script that ends with "${end}" exits with ${code}, and its report agrees`, async () => {
    await using repository = await probeRepository();
    const ended = await runProbe(repository, ["--end", end]);
    assertEquals(ended.code, code, ended.stderr);
    const report = Report.parse(ended.report);
    const failed = report.checks.filter((check) => !check.ok);
    assertEquals(failed.map(({ id }) => id), failedCheck === undefined ? [] : [failedCheck]);
    assertEquals([report.ok, report.exit_code], [code === 0, code]);
    assertEquals(report.clean, failed.length === 0);
    for (const check of failed) assert(check.hint !== undefined && check.hint !== "");
    if (hint !== undefined) assertEquals(failed[0]?.hint, hint);
    assertEquals(ended.stdout, end === "pass" ? "the answer\n" : "");
    assertStringIncludes(ended.stderr, report.report_path ?? "no path");
    assertFalse(ended.stderr.includes("\x1b"));
  });
}

Deno.test("--strict turns a warning into a failure, and so does its variable", async () => {
  await using repository = await probeRepository();
  const [flag, variable, overruled] = await Promise.all([
    runProbe(repository, ["--end=warn", "--strict"]),
    runProbe(repository, ["--end=warn"], { env: { WA_PROBE_STRICT: "1" } }),
    runProbe(repository, ["--end=warn", "--strict=false"], { env: { WA_PROBE_STRICT: "1" } }),
  ]);
  assertEquals([flag.code, variable.code, overruled.code], [2, 2, 0]);
});

for (
  const [signal, end, code] of [
    ["SIGINT", "wait", 130],
    ["SIGTERM", "wait", 143],
    ["SIGTERM", "wait-throw", 143],
  ] as const
) {
  Deno.test(`${signal} while "${end}" ends in exit ${code}, with a report that is not ok`, async () => {
    await using repository = await probeRepository();
    const child = spawnProbe([`--end=${end}`], { cwd: repository.root });
    await readAtLeast(child, 7);
    child.kill(signal);
    const ended = await endOf(repository, child);
    assertEquals([ended.code, ended.report.ok, ended.report.exit_code], [code, false, code]);
  });
}

Deno.test("a run that is killed leaves its checkpoint, which never says ok", async () => {
  await using repository = await probeRepository();
  const child = spawnProbe(["--end=checkpoint"], { cwd: repository.root });
  await readAtLeast(child, 7);
  child.kill("SIGKILL");
  const { report } = await endOf(repository, child);
  Report.parse(report);
  assertEquals([report.ok, report.clean, report["steps"]], [false, false, 1]);
  assertEquals(report.checks.map(({ id, ok }) => [id, ok]), [
    ["probe_holds", true],
    ["run_completed", false],
  ]);
});

Deno.test("a run that ends replaces its own checkpoint and no other report", async () => {
  await using repository = await probeRepository();
  const first = await runProbe(repository, []);
  const child = spawnProbe(["--end=checkpoint"], { cwd: repository.root });
  await readAtLeast(child, 7);
  child.kill("SIGTERM");
  const { report } = await endOf(repository, child);
  assertEquals(report["steps"], 2);
  assertEquals((await repository.list(".data/out")).length, 2);
  const path = first.report.report_path ?? "";
  assertEquals(await repository.json(path), first.report);
});

Deno.test("twelve runs at the same time write twelve reports", async () => {
  await using repository = await probeRepository();
  const ends = await Promise.all(
    Array.from({ length: 12 }, () => runProbe(repository, ["--quiet"])),
  );
  assert(ends.every(({ code, stderr }) => code === 0 && stderr === ""));
  const names = await repository.list(".data/out");
  assertEquals(names.length, 12);
  for (const name of names) {
    const report = Report.parse(await repository.json(`.data/out/${name}`));
    assertEquals(report.report_path, `.data/out/${name}`);
  }
});

Deno.test("no field of a script replaces the verdict", async () => {
  await using repository = await probeRepository();
  const { code, report } = await runProbe(repository, ["--end=override"]);
  assertEquals([code, report.ok, report.clean, report.exit_code], [2, false, false, 2]);
  assertEquals([report.checks.length, report["own"]], [2, 1]);
});

Deno.test("what fails after the report is written turns it, the exit code and stdout alike", async () => {
  await using repository = await probeRepository();
  const { code, report, stdout, stderr } = await runProbe(repository, [
    "--end=after-fails",
    "--json",
  ]);
  assertEquals([code, report.ok, report.exit_code], [70, false, 70]);
  assertEquals(JSON.parse(stdout), report);
  assertStringIncludes(stderr, "the page could not be written");
});

const POLICIES: [what: string, content: Content | undefined, fault: string][] = [
  ["missing", undefined, "no such file"],
  ["empty", "", "1:1 is not JSON"],
  ["cut off", '{"version": 1', "1:14 is not JSON"],
  ["of the wrong type", { version: 2 }, "/version is 2, expected 1"],
  ["with a mistyped key", { version: 1, limt: 3 }, 'did you mean "limit"?'],
  ["not UTF-8", Uint8Array.of(0xff), "is not UTF-8: wrong byte at offset 0"],
];

for (const [what, content, fault] of POLICIES) {
  Deno.test(`a policy that is ${what} fails the run before it begins, and says where`, async () => {
    await using repository = await probeRepository();
    if (content === undefined) await Deno.remove(repository.path("security/probe_policy.json"));
    else await repository.write("security/probe_policy.json", content);
    const { code, report, stdout, stderr } = await runProbe(repository, ["--end=pass"]);
    assertEquals([code, stdout], [2, ""]);
    assertEquals(report.checks.map(({ id, mode }) => [id, mode]), [["policy_loaded", "enforce"]]);
    assertStringIncludes(stderr, fault);
    assertEquals(report.inputs[0]?.path, "security/probe_policy.json");
  });
}

Deno.test("a variable that does not parse ends the run with a row that names it", async () => {
  await using repository = await probeRepository();
  const env = { WA_PROBE_LIMIT: "abc", WA_PROBE_COLOR: "blue" };
  const { code, report } = await runProbe(repository, [], { env });
  assertEquals(code, 64);
  assertEquals(report.checks.map(({ id, value, expect }) => [id, value, expect]), [
    ["env_valid::WA_PROBE_LIMIT", "abc", "a whole number >= 1 and <= 99"],
    ["env_valid::WA_PROBE_COLOR", "blue", "one of red, green"],
  ]);
});

Deno.test("the report records each value in force and where it came from", async () => {
  await using repository = await probeRepository({
    "security/other.json": { version: 1, limit: 9 },
  });
  const env = { WA_PROBE_POLICY_FILE: "security/other.json", WA_PROBE_RATIO: "0.5" };
  const { report } = await runProbe(repository, ["--color=green"], { env });
  const sourceOf = (name: string): unknown => {
    const setting = report.settings.find((setting) => setting.name === name);
    return [setting?.value, setting?.source];
  };
  assertEquals(sourceOf("policy"), ["security/other.json", "environment WA_PROBE_POLICY_FILE"]);
  assertEquals(sourceOf("limit"), [9, "policy /limit"]);
  assertEquals(sourceOf("ratio"), [0.5, "environment WA_PROBE_RATIO"]);
  assertEquals(sourceOf("color"), ["green", "flag"]);
  assertEquals(sourceOf("dry-run"), [false, "default"]);
});

Deno.test("an input with a byte-order mark is read, and warned of", async () => {
  await using repository = await probeRepository({
    "security/probe_policy.json": '\uFEFF{"version":1}',
  });
  const { code, report } = await runProbe(repository, []);
  assertEquals([code, report.ok, report.clean], [0, true, false]);
  assertEquals(report.checks.at(-1)?.id, "input_has_no_bom::security/probe_policy.json");
});

Deno.test("ids of the release attempt come from the environment into the report", async () => {
  await using repository = await probeRepository();
  const env = {
    WA_RELEASE_CORRELATION_ID: "c",
    WA_RELEASE_CANDIDATE_ID: "rc-1",
    WA_RELEASE_RUN_ID: "r",
  };
  const { report } = await runProbe(repository, [], { env });
  const { correlation } = report;
  assertEquals(correlation, { correlation_id: "c", release_candidate_id: "rc-1", run_id: "r" });
});
