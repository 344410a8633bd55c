import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { AUDIT_LOG, AUDIT_STATE } from "../../lib/audit/paths.ts";
import { canaryInFlight, FileSite, type RegistryFile } from "../support/file_site.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import { treeDigest } from "../support/tree_digest.ts";

const REGISTRY = "security/release_channels.json";

Deno.test("a dry run writes its report and at most one audit record, and nothing else", async () => {
  await using site = await FileSite.start();
  const { repository } = site;
  const before = await treeDigest(repository.root);
  const end = await site.executor("--dry-run", "--strict", "--apply");
  assertEquals([end.code, end.report.outcome], [0, "planned"], end.stdout);
  const { plan } = end.report as unknown as { plan: { action: string; rollout_percent: number } };
  assertEquals([plan.action, plan.rollout_percent], ["rollout_canary", 25]);
  const after = await treeDigest(repository.root);
  const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
  const { report_path: report } = end.report;
  assertEquals(changed, [AUDIT_LOG, AUDIT_STATE, String(report)]);
  assertEquals(Object.keys(before).filter((path) => after[path] === undefined), []);
  assertEquals((await repository.read(AUDIT_LOG)).trim().split("\n").length, 1);
  const silent = await site.executor("--dry-run", "--skip-audit-log");
  const { [String(silent.report.report_path)]: _own, ...rest } = await treeDigest(repository.root);
  assertEquals(rest, after);
});

Deno.test("an apply changes one channel and appends one row; all else in the registry stays", async () => {
  await using site = await FileSite.start();
  const path = "security/release_channels.json";
  const before = canaryInFlight(5) as unknown as RegistryFile;
  const owner = { team: "a", weights: [1.5, null, "ü"] };
  await site.repository.write(path, { ...before, owner });
  assertEquals((await site.executor("--apply")).report.outcome, "committed");
  const after = await site.registry();
  const row = after.history[1];
  const canary = {
    ...{ version: "1.1.0", rollout_percent: 25, note: "kept" },
    ...{ updated_at: row?.ts },
  };
  assertEquals<unknown>(after, {
    ...before,
    ...{ owner, revision: 8, updated_at: after.updated_at },
    channels: { ...before.channels, canary },
    history: [before.history[0], row],
  });
});

Deno.test("an apply commits the stage; the row carries both ids, the intent and the audit entry", async () => {
  await using site = await FileSite.start();
  const end = await site.executor("--apply", "--correlation-id", "chg-7");
  assertEquals([end.code, end.report.outcome, await site.weight()], [0, "committed", 25]);
  const registry = await site.repository.json<{ history: Record<string, unknown>[] }>(REGISTRY);
  const row = registry.history.at(-1) ?? {};
  assertEquals([row.correlation_id, row.release_candidate_id], ["chg-7", "chg-7"]);
  assertEquals(row.intent_id, (await site.intents())[0]?.intent_id);
  assert(/^[0-9a-f]{64}$/.test(String(row.audit_entry_hash)));
  assertEquals(
    (await site.audited()).map(({ action, status }) => `${action} ${status}`),
    ["rollout_intent ok", "release_rollout_execute ok"],
  );
});

Deno.test("--allow-gate-failures needs a second person and an incident", async () => {
  await using site = await FileSite.start();
  await Deno.remove(site.repository.path(".data/out"), { recursive: true });
  const alone = await site.executor("--apply", "--allow-gate-failures", "--reason", "urgent");
  assert(failedIds(alone.report).includes("gate_failures_approved"));
  const approved = ["--approver", "sre-lead", "--incident-id", "INC-1"];
  const end = await site.executor(
    "--apply",
    "--allow-gate-failures",
    "--reason",
    "urgent",
    ...approved,
  );
  assertEquals([end.code, end.report.outcome], [0, "committed"]);
});

Deno.test("no secret of a traffic command reaches anything a run writes", async () => {
  await using site = await FileSite.start();
  const secret = "hunter2-very-secret-value";
  await site.repository.write(
    "print_token.ts",
    `console.log(Deno.env.get("WA_TRAFFIC_API_TOKEN")); Deno.exit(9);`,
  );
  await site.repository.write("security/release_traffic_adapter_contract.json", {
    version: 1,
    rules: { environment: ["WA_TRAFFIC_API_TOKEN"] },
    adapters: [{
      id: "leaky",
      command_template: "deno run --allow-env print_token.ts {action} {target_version}",
    }],
  });
  const end = await runScript(
    "release_rollout_executor",
    ["--json", "--apply", "--target-version", "1.1.0", "--traffic-adapter", "leaky"],
    { root: site.repository.root, env: { WA_TRAFFIC_API_TOKEN: secret } },
  );
  assertEquals(end.code, 2);
  assert(end.stdout.includes("[redacted]"), "the command did print it");
  const grep = await new Deno.Command("grep", {
    args: ["-rl", secret, site.repository.root],
    stdout: "piped",
  }).output();
  assertEquals(new TextDecoder().decode(grep.stdout), "");
  assert(!end.stdout.includes(secret) && !end.stderr.includes(secret));
});

Deno.test("--rollback-stable returns to the version before, traffic included, though gates fail", async () => {
  await using site = await FileSite.start();
  await Deno.remove(site.repository.path(".data/out"), { recursive: true });
  const promoted = canaryInFlight(0) as { channels: Record<string, { version: string }> };
  promoted.channels.stable = { ...promoted.channels.stable, version: "1.1.0" };
  const ts = 1_700_000_000;
  const history = [{
    ts,
    action: "promote",
    channel: "canary->stable",
    from_version: "1.0.0",
    to_version: "1.1.0",
    reason: "done",
    actor: "release-bot",
  }];
  await site.repository.write(REGISTRY, { ...promoted, history });
  await site.repository.write(".data/traffic.json", { canary_weight: 0, fence: 0 });
  const end = await site.executor("--rollback-stable", "--apply", "--reason", "INC-7");
  assertEquals([end.code, end.report.outcome], [0, "committed"], end.stdout);
  const { channels } = await site.registry();
  assertEquals([channels.stable?.version, await site.weight()], ["1.0.0", 0]);
});

Deno.test("--rollback-stable refuses a version that stable never served", async () => {
  await using site = await FileSite.start();
  const end = await site.executor("--rollback-stable", "--apply", "--to-version", "0.5.0");
  assertEquals(failedIds(end.report), [
    "rollback_target_served_before",
    "rollout_apply_not_blocked",
  ]);
});

Deno.test("strict wants the very template that the contract gate judged", async () => {
  await using site = await FileSite.start();
  const template = "deno run absent.ts {action} {target_version}";
  const root = { root: site.repository.root };
  const dry = ["--json", "--dry-run", "--target-version", "1.1.0", "--strict"];
  const run = (command: string): Promise<ScriptEnd> =>
    runScript("release_rollout_executor", [...dry, "--traffic-apply-command", command], root);
  assertEquals(failedIds((await run(template)).report), ["traffic_template_was_validated"]);
  const env = { WA_RELEASE_TRAFFIC_APPLY_COMMAND: template };
  const gate = await runScript("release_rollout_adapter_contract_check", ["--json"], {
    ...root,
    env,
  });
  assertEquals(gate.code, 0, gate.stderr);
  assertEquals(failedIds((await run(template)).report), []);
  assertEquals(failedIds((await run(`${template} more`)).report), [
    "traffic_template_was_validated",
  ]);
});
