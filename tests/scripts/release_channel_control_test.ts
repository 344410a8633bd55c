import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failedIds, runScript } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";
import {
  channel,
  control,
  FILE,
  governed,
  LOG,
  REGISTRY,
  registryOf,
  SCRIPT,
  T0,
  WHO,
} from "./channel_control_sample.ts";

Deno.test("set keeps unknown channels, fields and old rows, and counts the revision", async () => {
  await using repository = await governed();
  const { code, report } = await control(
    repository,
    ...["set", "--channel=canary", "--version=1.4.0", "--rollout-percent=10", ...WHO],
  );
  assertEquals(code, 0);
  const after = await repository.json<typeof REGISTRY>(FILE);
  const { canary, ...others } = after.channels;
  const { canary: _, ...before } = REGISTRY.channels;
  assertEquals(others, before);
  assertEquals([after.team, after.revision], [{ pager: "ops" }, 4]);
  const { updated_at, ...rest } = canary as Record<string, unknown>;
  assertEquals(rest, { version: "1.4.0", rollout_percent: 10, region: "eu" });
  assert(Number(updated_at) > T0);
  assertEquals(after.history.slice(0, 3), REGISTRY.history);
  assertEquals(after.history[3], {
    ...report["history_row"] as object,
    action: "set",
    from_version: "1.3.0",
    to_version: "1.4.0",
    actor: "tester",
  } as never);
  const log = (await repository.read(LOG)).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(log.map(({ action, status, actor }) => [action, status, actor]), [
    ["release_channel_set", "intent", "tester"],
    ["release_channel_set", "ok", "tester"],
  ]);
});

const REFUSED: [args: string[], check: string][] = [
  [["set", "--channel=canary", "--version=v1.4.0"], "change_allowed::version_invalid"],
  [["set", "--channel=nightly", "--version=1.4.0"], "change_allowed::channel_unknown"],
  [["set", "--channel=canary", "--version=1.3.0"], "change_allowed::no_change"],
  [["set", "--channel=canary", "--version=1.4.0", "--expect-revision=2"], "revision_expected"],
  [["promote", "--version=9.9.9"], "change_allowed::source_version_differs"],
  [["rollback", "--to-version=99.0.0"], "change_allowed::rollback_target_unknown"],
  [
    ["rollback", "--to-version=99.0.0", "--allow-unknown"],
    "change_allowed::rollback_target_not_lower",
  ],
];

for (const [args, check] of REFUSED) {
  Deno.test(`${args.join(" ")} is refused as ${check}, and nothing is written`, async () => {
    await using repository = await governed();
    const before = await repository.read(FILE);
    const { code, report } = await control(repository, ...args, ...WHO);
    assertEquals([code, failedIds(report)], [2, [check]]);
    assertEquals(await repository.read(FILE), before);
  });
}

const WRONG: [args: string[], words: string][] = [
  [["set", "--version=1.4.0", ...WHO], "--channel is needed"],
  [["set", "--channel=canary", ...WHO], "--version is needed"],
  [["set", "--channel=canary", "--version=1.4.0", "--actor=a"], "--reason is needed"],
  [["set", "--channel=canary", "--version=1.4.0", "--reason=r"], "--actor is needed"],
  [["freeze", "--until=tomorrow", ...WHO], '--until is "tomorrow", expected an RFC 3339 time'],
];

for (const [args, words] of WRONG) {
  Deno.test(`${args.join(" ")} is a wrong call: ${words}`, async () => {
    await using repository = await governed();
    const { code, report } = await control(repository, ...args);
    assertEquals([code, failedIds(report)], [64, ["call_valid"]]);
    assertStringIncludes(report.headline, words);
  });
}

Deno.test("without a subcommand it lists them; a mistyped one gets a suggestion", async () => {
  await using repository = await governed();
  const root = repository.root;
  const bare = await runScript(SCRIPT, [], { root });
  assertEquals(bare.code, 0);
  for (const word of ["validate", "status", "history", "set", "promote", "rollback", "freeze"]) {
    assertStringIncludes(bare.stdout, `  ${word} `);
  }
  const mistyped = await runScript(SCRIPT, ["promot"], { root });
  assertEquals(mistyped.code, 64);
  assertStringIncludes(mistyped.stderr, 'did you mean "promote"?');
});

Deno.test("--version is the toolkit's alone, and the channel's version with set", async () => {
  await using repository = await governed();
  const root = repository.root;
  const own = await runScript(SCRIPT, ["--version"], { root });
  assertEquals([own.code, own.stdout.startsWith(`${SCRIPT} `)], [0, true]);
  const help = await runScript(SCRIPT, ["set", "--help"], { root });
  assertStringIncludes(help.stdout, "--version X.Y.Z");
  const before = await control(
    repository,
    "--file",
    FILE,
    "set",
    "--channel",
    "canary",
    "--version",
    "1.4.0",
    ...WHO,
  );
  assertEquals([before.code, before.report["to_version"]], [0, "1.4.0"]);
  const bare = await runScript(SCRIPT, ["set", "--channel=canary", "--version", ...WHO], { root });
  assertEquals(bare.code, 64);
});

Deno.test("an audit log that cannot take the record keeps a strict change from happening", async () => {
  await using repository = await governed();
  const set = ["set", "--channel=canary", "--version=1.4.0", ...WHO];
  assertEquals((await control(repository, ...set)).code, 0);
  await repository.write(LOG.replace(".ndjson", "_state.json"), "{ broken");
  const before = await repository.read(FILE);
  const next = ["set", "--channel=canary", "--version=1.5.0", ...WHO];
  const strict = await control(repository, ...next, "--audit-strict");
  assertEquals([strict.code, failedIds(strict.report)], [2, ["change_recorded"]]);
  assertEquals(await repository.read(FILE), before);
  const loose = await control(repository, ...next);
  assertEquals([loose.code, loose.report.clean], [0, false]);
  assertEquals(failedIds(loose.report), ["change_recorded"]);
  const skipped = await control(
    repository,
    "promote",
    ...WHO,
    "--skip-audit-log",
    "--audit-strict",
  );
  assertEquals(skipped.code, 0);
});

Deno.test("a change that is refused after it was announced is on record as failed", async () => {
  await using repository = await governed();
  const set = ["set", "--channel=canary", "--version=1.4.0", "--expect-revision=2", ...WHO];
  assertEquals((await control(repository, ...set)).code, 2);
  const log = (await repository.read(LOG)).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(log.map(({ status }) => status), ["intent", "failed"]);
  assertStringIncludes(log[1].context.error, "revision");
  const { report } = await runScript("verify_audit_chain", ["--json"], { root: repository.root });
  assertEquals(report.checks.find(({ id }) => id === "audit_intents_settled")?.ok, true);
});

Deno.test("validate writes its report, and leaves registry and audit log byte for byte", async () => {
  await using repository = await governed();
  await control(repository, "set", "--channel=canary", "--version=1.3.1", ...WHO);
  const state = async (): Promise<string[]> =>
    await Promise.all(
      [FILE, LOG, LOG.replace(".ndjson", "_state.json")].map((file) => repository.read(file)),
    );
  const before = await state();
  const ends = await Promise.all([
    control(repository, "validate"),
    control(repository, "validate", "--strict"),
  ]);
  assert(ends.every(({ report }) => report.kind === "release_channels_validate"));
  assertEquals(await state(), before);
});

const at = (canary: object, stable: object, history = REGISTRY.history): object => ({
  ...REGISTRY,
  channels: { ...REGISTRY.channels, canary, stable },
  history,
});

const VALIDATED: [
  what: string,
  registry: object,
  args: string[],
  code: number,
  failed: string[],
][] = [
  ["a sound registry", REGISTRY, ["--strict"], 0, []],
  ["stable at 80 percent", at(channel("1.3.0", 5), channel("1.2.0", 80)), ["--strict"], 2, [
    "stable_rollout_100",
  ]],
  ["stable at 80 percent, not strict", at(channel("1.3.0", 5), channel("1.2.0", 80)), [], 0, [
    "stable_rollout_100",
  ]],
  [
    "the expected version in canary only",
    REGISTRY,
    ["--strict", "--expected-version=1.3.0"],
    0,
    [],
  ],
];

for (const [what, registry, args, code, failed] of VALIDATED) {
  Deno.test(`validate exits with ${code} and fails [${failed}] for ${what}`, async () => {
    await using repository = await governed(registry as Record<string, unknown>);
    const end = await control(repository, "validate", ...args);
    assertEquals([end.code, failedIds(end.report)], [code, failed]);
  });
}

Deno.test("promote copies the canary's version, and stable takes all traffic", async () => {
  await using repository = await governed();
  const { code } = await control(repository, "promote", ...WHO);
  assertEquals(code, 0);
  const { channels, history } = await registryOf(repository);
  assertEquals([channels["stable"]?.version, channels["stable"]?.rollout_percent], ["1.3.0", 100]);
  assertEquals(history.at(-1)?.channel, "canary->stable");
});

Deno.test("rollback goes to the last lower version the channel has served, frozen or not", async () => {
  await using repository = await governed();
  assertEquals((await control(repository, "freeze", ...WHO)).code, 0);
  const set = await control(repository, "set", "--channel=canary", "--version=1.4.0", ...WHO);
  assertEquals(failedIds(set.report), ["change_allowed::frozen"]);
  const { code, report } = await control(repository, "rollback", ...WHO);
  assertEquals([code, report["from_version"], report["to_version"]], [0, "1.2.0", "1.1.0"]);
  assertEquals((await control(repository, "unfreeze", ...WHO)).code, 0);
});

Deno.test("--dry-run shows the change, and writes neither registry nor audit log", async () => {
  await using repository = await governed();
  const before = await repository.read(FILE);
  for (
    const args of [["set", "--channel=canary", "--version=1.4.0"], ["promote"], ["rollback"], [
      "freeze",
    ]]
  ) {
    const { code, report } = await control(repository, ...args, "--dry-run", ...WHO);
    assertEquals([code, report["dry_run"]], [0, true]);
    assertStringIncludes(report.headline, "would change: ");
  }
  assertEquals(await repository.read(FILE), before);
  assertEquals(await repository.list(".data/audit"), []);
});

Deno.test("the history names --actor, the audit log names --audit-actor", async () => {
  await using repository = await governed();
  await control(repository, "promote", ...WHO, "--audit-actor=pipeline");
  const { history } = await registryOf(repository);
  assertEquals(history.at(-1)?.actor, "tester");
  assertEquals(JSON.parse((await repository.read(LOG)).split("\n")[0] ?? "").actor, "pipeline");
});

Deno.test("set --init begins a registry, on the record and only once", async () => {
  await using repository = await TempRepository.make({ "VERSION": "1.0.0\n" });
  const init = ["set", "--init", "--channel=stable", "--version=1.0.0", ...WHO];
  assertEquals((await control(repository, ...init)).code, 0);
  const { channels, history, revision } = await registryOf(repository);
  assertEquals([channels["stable"]?.version, channels["canary"]?.version], ["1.0.0", "1.0.0"]);
  assertEquals([history.length, history[0]?.action, revision], [1, "init", 1]);
  assertEquals((await control(repository, "validate", "--strict")).code, 0);
  const again = await control(repository, ...init);
  assertEquals(failedIds(again.report), ["change_allowed::no_change"]);
});

for (
  const args of [["--channel=stable", "--version=latest"], ["--channel=beta", "--version=1.0.0"]]
) {
  Deno.test(`set --init ${args.join(" ")} is refused, and leaves no registry behind`, async () => {
    await using repository = await TempRepository.make({ "VERSION": "1.0.0\n" });
    assertEquals((await control(repository, "set", "--init", ...args, ...WHO)).code, 2);
    assertEquals(await repository.list("security"), []);
  });
}

Deno.test("status and history print data on stdout, and write no report", async () => {
  await using repository = await governed();
  const root = repository.root;
  const status = await runScript(SCRIPT, ["status"], { root });
  assertEquals(JSON.parse(status.stdout), REGISTRY);
  const history = await runScript(SCRIPT, ["history", "--limit=2"], { root });
  const rows = history.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows, REGISTRY.history.slice(1));
  assertEquals(await repository.list(".data/out"), []);
});
