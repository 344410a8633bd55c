import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertAgreement } from "../support/agreement.ts";
import { FileSite } from "../support/file_site.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";

/** What a child printed, once it has ended. */
async function ended(child: Deno.ChildProcess): Promise<ScriptEnd> {
  const { code, stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const report = out?.startsWith("{") ? JSON.parse(out) : undefined;
  return { code, stdout: out ?? "", stderr: err ?? "", report };
}

Deno.test("killed while the command runs: the command dies too, and traffic is as it was", async () => {
  await using site = await FileSite.start();
  await site.set("hold-set");
  const child = await site.spawn("--apply");
  await site.holding();
  child.kill("SIGKILL");
  await ended(child);
  const dry = await site.executor("--dry-run");
  assertEquals(dry.code, 2);
  assert(failedIds(dry.report).includes("no_pending_intent"), "a dry run says what is pending");
  await site.release("hold-set");
  const recovered = await site.executor("--recover");
  assertEquals([recovered.code, recovered.report.outcome], [0, "recovered"], recovered.stdout);
  assertEquals((await site.registry()).channels.canary?.rollout_percent, 5);
  await assertAgreement(site);
});

Deno.test("killed after traffic moved, before the registry: recovery commits exactly one row", async () => {
  await using site = await FileSite.start();
  await site.set("hold-after-set");
  const child = await site.spawn("--apply");
  await site.holding();
  child.kill("SIGKILL");
  await ended(child);
  assertEquals([await site.weight(), (await site.registry()).revision], [25, 7]);
  const dry = await site.executor("--dry-run");
  assert(
    failedIds(dry.report).includes("traffic_matches_registry"),
    "traffic differs, and it says so",
  );
  await site.release("hold-after-set");
  await site.executor("--recover");
  const registry = await site.registry();
  assertEquals([registry.channels.canary?.rollout_percent, registry.history.length], [25, 2]);
  assertEquals([registry.region, registry.channels.canary?.note], [{ kept: true }, "kept"]);
  await assertAgreement(site);
});

Deno.test("SIGTERM ends the command, moves traffic back, and leaves a report", async () => {
  await using site = await FileSite.start();
  await site.set("hold-after-set", "25");
  const child = await site.spawn("--apply");
  await site.holding();
  assertEquals(await site.weight(), 25);
  child.kill("SIGTERM");
  const end = await ended(child);
  assertEquals([end.code, end.report.outcome, await site.weight()], [143, "compensated", 5]);
  assertEquals((await site.repository.list(".data/out")).length, 2);
  await assertAgreement(site);
});

Deno.test("of 20 executors at once one applies, the others refuse and change nothing", async () => {
  await using site = await FileSite.start({ observeS: 1800 });
  await site.set("hold-set");
  const first = await site.spawn("--apply");
  await site.holding();
  const others = await Promise.all(
    Array.from({ length: 19 }, async () => await ended(await site.spawn("--apply"))),
  );
  assertEquals(others.map(({ code }) => code), Array(19).fill(75));
  for (const { report } of others) assert(failedIds(report).includes("ready"));
  await site.release("hold-set");
  assertEquals((await ended(first)).report.outcome, "committed");
  assertEquals((await site.registry()).history.length, 2);
  await assertAgreement(site);
});

Deno.test("two executors at once: one row, one refusal", async () => {
  await using site = await FileSite.start({ observeS: 1800 });
  const ends = await Promise.all([0, 1].map(async () => await ended(await site.spawn("--apply"))));
  assertEquals(ends.filter(({ code }) => code === 0).length, 1);
  assertEquals((await site.registry()).history.length, 2);
  await assertAgreement(site);
});

Deno.test("a rollback by whoever is on call during a slow command survives; traffic follows it", async () => {
  await using site = await FileSite.start();
  await site.set("hold-set");
  const child = await site.spawn("--apply");
  await site.holding();
  const rollback = await runScript("release_channel_control", [
    "rollback",
    "--json",
    "--channel",
    "canary",
    "--reason",
    "pager",
    "--actor",
    "oncall",
  ], { root: site.repository.root });
  assertEquals(rollback.code, 0, rollback.stderr);
  await site.release("hold-set");
  const end = await ended(child);
  assertEquals([end.code, end.report.outcome], [2, "conflict"]);
  const { history, channels } = await site.registry();
  assertEquals(history.map(({ actor }) => actor), ["release-bot", "oncall"]);
  assertEquals([channels.canary?.version, await site.weight()], ["1.0.0", 0]);
  await assertAgreement(site);
});
