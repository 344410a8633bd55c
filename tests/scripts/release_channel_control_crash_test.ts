import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Channels } from "../../lib/rollout/channels.ts";
import { lockPathFor, withLock } from "../../lib/store/lock.ts";
import { failedIds, runScript, spawnScript } from "../support/run_script.ts";
import type { Content } from "../support/temp_repository.ts";
import {
  channel,
  control,
  FILE,
  governed,
  LOG,
  REGISTRY,
  registryOf,
  SCRIPT,
  WHO,
} from "./channel_control_sample.ts";

Deno.test("30 set at the same time give 30 history rows and 30 revisions", async () => {
  await using repository = await governed();
  const ends = await Promise.all(
    Array.from(
      { length: 30 },
      (_, i) => control(repository, "set", "--channel=canary", `--version=2.0.${i}`, ...WHO),
    ),
  );
  assertEquals(ends.map(({ code }) => code), Array(30).fill(0));
  const after = await registryOf(repository);
  assertEquals([after.history.length, after.revision], [33, 33]);
  const versions = new Set(after.history.slice(3).map(({ to_version }) => to_version));
  assertEquals(versions.size, 30);
  assertEquals(after.channels["canary"]?.version, after.history.at(-1)?.to_version);
  const { code } = await runScript("verify_audit_chain", ["--json"], { root: repository.root });
  assertEquals(code, 0);
});

Deno.test("set killed at any moment loses no row, leaves no broken file, and the next run works", async () => {
  await using repository = await governed();
  let rows = REGISTRY.history.length;
  const delays = fc.sample(fc.integer({ min: 0, max: 250 }), { numRuns: 8, seed: 7 });
  for (const [i, delay] of delays.entries()) {
    const args = ["set", "--channel=canary", `--version=2.0.${i}`, "--audit-strict", ...WHO];
    const child = await spawnScript(SCRIPT, args, { root: repository.root });
    const kill = setTimeout(() => child.kill("SIGKILL"), delay);
    await child.output();
    clearTimeout(kill);
    const after = await registryOf(repository);
    assertEquals(after.history.slice(0, 3), REGISTRY.history as never);
    assert(after.history.length === rows || after.history.length === rows + 1);
    assertEquals((after.revision ?? 0) - 3, after.history.length - 3);
    rows = after.history.length;
  }
  const last = ["set", "--channel=canary", "--version=3.0.0", "--audit-strict", ...WHO];
  assertEquals((await control(repository, ...last)).code, 0);
  assertEquals((await registryOf(repository)).history.length, rows + 1);
  const { code } = await runScript("verify_audit_chain", ["--json"], { root: repository.root });
  assertEquals(code, 0);
});

Deno.test("a set killed between its announcement and its change is named by the verifier", async () => {
  await using repository = await governed();
  const lock = lockPathFor(repository.root, repository.path(FILE));
  await withLock(lock, { waitMs: 1_000, purpose: "a test" }, async () => {
    const args = ["set", "--channel=canary", "--version=2.0.0", ...WHO];
    const child = await spawnScript(SCRIPT, args, { root: repository.root });
    const ended = child.output();
    const announced = async () => {
      const names = await repository.list(".data/audit");
      return names.includes("operations_audit_chain.ndjson") &&
        (await repository.read(LOG)).includes('"status":"intent"');
    };
    while (!(await announced())) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill("SIGKILL");
    await ended;
  });
  assertEquals(await registryOf(repository), Channels.parse(REGISTRY));
  const { report } = await runScript("verify_audit_chain", ["--json"], { root: repository.root });
  const row = report.checks.find(({ id }) => id === "audit_intents_settled");
  assertEquals((row?.value as { unsettled: unknown[] }).unsettled, [
    { seq: 1, action: "release_channel_set", actor: "tester" },
  ]);
});

const BROKEN: [what: string, content: Content | undefined][] = [
  ["cut off", JSON.stringify(REGISTRY).slice(0, 200)],
  ["empty", ""],
  ["a list", []],
  ["without channels", { version: 1, updated_at: 0, history: [] }],
  ["with a percent in words", {
    ...REGISTRY,
    channels: { ...REGISTRY.channels, stable: { ...channel("1.2.0", 0), rollout_percent: "all" } },
  }],
  ["not UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d)],
  ["missing", undefined],
];

const SET = ["set", "--channel=canary", "--version=1.4.0", ...WHO];
const ALL = [SET, ["promote", ...WHO], ["rollback", ...WHO], ["freeze", ...WHO], ["status"]];

for (const [what, content] of BROKEN) {
  Deno.test(`a registry that is ${what} is left as it is: exit 70`, async () => {
    await using repository = await governed();
    if (content === undefined) await Deno.remove(repository.path(FILE));
    else await repository.write(FILE, content);
    const before = content === undefined ? undefined : await Deno.readFile(repository.path(FILE));
    const commands = what === "cut off" ? ALL : [SET];
    const ends = await Promise.all(commands.map((args) => control(repository, ...args)));
    for (const { code, report } of ends) {
      assertEquals([code, report.ok, failedIds(report)], [70, false, ["state_readable"]]);
    }
    const validated = await control(repository, "validate");
    assertEquals([validated.code, failedIds(validated.report)], [2, ["registry_loaded"]]);
    if (before === undefined) assertEquals(await repository.list("security"), []);
    else assertEquals(await Deno.readFile(repository.path(FILE)), before);
    assertEquals(await repository.list(".data/audit"), []);
  });
}

Deno.test("rollback with a broken archive of old rows exits with 70 and writes nothing", async () => {
  await using repository = await governed();
  await repository.write("security/release_channels.history.ndjson", "{ broken\n");
  const before = await repository.read(FILE);
  const { code, report } = await control(repository, "rollback", ...WHO);
  assertEquals([code, failedIds(report)], [70, ["state_readable"]]);
  assertEquals(await repository.read(FILE), before);
});
