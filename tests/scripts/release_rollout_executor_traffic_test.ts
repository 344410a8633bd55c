import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertAgreement } from "../support/agreement.ts";
import { FileSite } from "../support/file_site.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";

/** Runs the executor without any traffic flags. */
async function bare(site: FileSite, ...args: string[]): Promise<ScriptEnd> {
  return await runScript("release_rollout_executor", ["--json", ...args], {
    root: site.repository.root,
  });
}

Deno.test("a command that fails after its effect is compensated and reported, never ok", async () => {
  await using site = await FileSite.start();
  await site.set("fail-set");
  const end = await site.executor("--apply");
  const result = end.report.apply_result as Record<string, unknown>;
  assertEquals([end.code, end.report.ok, result.reverted], [2, false, true]);
  assertEquals([await site.weight(), (await site.registry()).revision], [5, 7]);
});

Deno.test("a stage that is reported as applied and read back unchanged is compensated", async () => {
  await using site = await FileSite.start();
  await site.set("hollow-set", "25");
  const end = await site.executor("--apply");
  assertEquals([end.code, end.report.outcome], [2, "compensated"], end.stdout);
  const { reason } = end.report.apply_result as { reason: string };
  assertEquals(reason.startsWith("verify_failed: canary weight is 5"), true, reason);
  assertEquals([await site.weight(), (await site.registry()).revision], [5, 7]);
  await assertAgreement(site);
});

Deno.test("a controller that obeys no order at all needs a person, and is not believed", async () => {
  await using site = await FileSite.start();
  await site.set("hollow-set");
  const end = await site.executor("--apply");
  assertEquals([end.code, end.report.outcome], [70, "uncertain"]);
  await site.release("hollow-set");
  assertEquals((await site.executor("--recover")).report.outcome, "recovered");
  assertEquals([await site.weight(), (await site.registry()).revision], [5, 7]);
  await assertAgreement(site);
});

Deno.test("a command that runs out of time dies with what it started; only a look ends the doubt", async () => {
  await using site = await FileSite.start();
  const { repository } = site;
  await repository.write(".data/late.sh", "(sleep 30; echo late > .data/late) & sleep 30\n");
  const file = "security/release_traffic_adapter_contract.json";
  const contract = await repository.json<{ adapters: Record<string, unknown>[] }>(file);
  const slow = { command_template: "sh .data/late.sh {action} {target_version}" };
  await repository.write(file, {
    ...contract,
    rules: { allow_shell: true },
    adapters: [{ ...contract.adapters[0], ...slow }],
  });
  const end = await site.executor("--apply", "--traffic-apply-timeout-s", "0.5");
  assertEquals([end.code, end.report.outcome], [2, "compensated"], end.stdout);
  const [intent] = await site.intents();
  assertEquals(intent?.transitions.map(({ state }) => state), [
    "PREPARED",
    "TRAFFIC_STARTED",
    "TRAFFIC_UNKNOWN",
    "COMPENSATING",
    "COMPENSATED",
  ]);
  const ps = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,args="] }).output();
  const left = new TextDecoder().decode(ps.stdout).split("\n").map((line) => line.trim().split(" "))
    .filter(([pid = "", ...args]) => args.includes("sleep") && isIn(repository.root, pid));
  assertEquals(left, []);
  assert(!(await repository.list(".data")).includes("late"), "what it started had its effect");
  await assertAgreement(site);
});

/** Whether a process works in a folder; false once it is gone. */
function isIn(folder: string, pid: string): boolean {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`) === folder;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("an abort that fails is ordered again, and never taken back to the harmful share", async () => {
  await using site = await FileSite.start();
  await site.set("fail-set", "0"); // it moves traffic, and says that it failed
  const failed = await site.executor("--abort", "--apply");
  assertEquals([failed.code, failed.report.outcome], [70, "uncertain"], failed.stdout);
  const commands = (failed.report.traffic as { commands: { verb: string }[] }).commands;
  assertEquals(commands.filter(({ verb }) => verb === "apply").length, 3);
  assertEquals(commands.filter(({ verb }) => verb === "compensate").length, 0);
  assertEquals([await site.weight(), (await site.registry()).revision], [0, 7]);
  await site.release("fail-set");
  const recovered = await site.executor("--recover");
  assertEquals([recovered.code, recovered.report.outcome], [0, "recovered"], recovered.stdout);
  const { history, channels } = await site.registry();
  assertEquals([history.at(-1)?.action, channels.canary?.rollout_percent], ["abort", 0]);
  await assertAgreement(site);
});

Deno.test("an abort in need of a person goes back on that person's word alone", async () => {
  await using site = await FileSite.start();
  await site.set("hollow-set", "0");
  assertEquals((await site.executor("--abort", "--apply")).report.outcome, "uncertain");
  const back = await site.executor("--recover", "--recover-mode", "back");
  assertEquals([back.code, back.report.outcome], [0, "recovered"], back.stdout);
  const [intent] = await site.intents();
  assertEquals([intent?.state, await site.weight()], ["COMPENSATED", 5]);
  await assertAgreement(site);
});

Deno.test("SIGTERM does not stop an abort half-way", async () => {
  await using site = await FileSite.start();
  await site.set("hold-set", "0");
  const child = await site.spawn("--abort", "--apply");
  await site.holding();
  child.kill("SIGTERM");
  await site.release("hold-set");
  await child.output();
  assertEquals([await site.weight(), (await site.intents())[0]?.state], [0, "COMMITTED"]);
  await assertAgreement(site);
});

Deno.test("a controller nobody can observe leaves a pending intent, and exit 70", async () => {
  await using site = await FileSite.start();
  await site.set("hold-after-set", "25");
  const child = await site.spawn("--apply", "--traffic-settle-s", "0.2");
  await site.holding();
  await site.set("blind");
  await site.release("hold-after-set");
  assertEquals((await child.output()).code, 70);
  const dry = await site.executor("--dry-run", "--traffic-settle-s", "0.2");
  assert(failedIds(dry.report).includes("no_pending_intent"));
  await site.release("blind");
  const recovered = await site.executor("--recover");
  assertEquals([recovered.code, recovered.report.outcome], [0, "recovered"], recovered.stdout);
  const want = (await site.registry()).channels.canary?.rollout_percent;
  assertEquals(await site.weight(), want);
});

Deno.test("without a command the registry moves alone, and the report says that no traffic did", async () => {
  await using site = await FileSite.start();
  const end = await bare(site, "--apply", "--target-version", "1.1.0");
  const { traffic_apply: traffic } = end.report.apply_result as {
    traffic_apply: { executed: boolean; reason: string };
  };
  assertEquals([end.code, traffic.executed, traffic.reason], [
    0,
    false,
    "optional_command_missing",
  ]);
  const required = await bare(
    site,
    "--apply",
    "--target-version",
    "1.1.0",
    "--traffic-apply-required",
  );
  assertEquals(required.code, 2);
  assert(failedIds(required.report).includes("traffic_apply_command_present_when_required"));
});

Deno.test("a plain command that fails and cannot be observed is taken at its word: reverted, exit 2", async () => {
  await using site = await FileSite.start();
  const command = "deno run missing_program.ts {action} {target_version}";
  const end = await bare(
    site,
    "--apply",
    "--target-version",
    "1.1.0",
    "--traffic-apply-command",
    command,
  );
  const result = end.report.apply_result as Record<string, unknown>;
  assertEquals([end.code, result.reverted, end.report.outcome], [2, true, "compensated"]);
  assertEquals((await site.registry()).channels.canary?.rollout_percent, 5);
});
