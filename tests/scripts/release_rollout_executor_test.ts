import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { canaryInFlight, FileSite } from "../support/file_site.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";

const REGISTRY = "security/release_channels.json";

/** Runs the executor without any traffic flags. */
async function bare(site: FileSite, ...args: string[]): Promise<ScriptEnd> {
  return await runScript("release_rollout_executor", ["--json", ...args], {
    root: site.repository.root,
  });
}

Deno.test("a dry run writes its report and at most one audit record", async () => {
  await using site = await FileSite.start();
  const before = await site.repository.read(REGISTRY);
  const end = await site.executor("--dry-run", "--strict", "--apply");
  assertEquals([end.code, end.report.outcome], [0, "planned"], end.stdout);
  const { plan } = end.report as unknown as { plan: { action: string; rollout_percent: number } };
  assertEquals([plan.action, plan.rollout_percent], ["rollout_canary", 25]);
  assertEquals(await site.repository.read(REGISTRY), before);
  assertEquals(await site.repository.list(".data/rollout/intents"), []);
  const log = await site.repository.read(".data/audit/operations_audit_chain.ndjson");
  assertEquals(log.trim().split("\n").length, 1);
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

const REFUSED: [name: string, prepare: (site: FileSite) => Promise<void>, failed: string][] = [
  ["a truncated registry", async (site) => {
    await site.repository.write(REGISTRY, '{"version": 1, "chan');
  }, "channels_store_loaded"],
  ["a registry without a canary", async (site) => {
    const { canary: _gone, ...channels } = (await site.registry()).channels;
    await site.repository.write(REGISTRY, { ...canaryInFlight(5), channels });
  }, "channels_sound"],
  ["a percent that is no integer", async (site) => {
    await site.repository.write(REGISTRY, canaryInFlight(5.5));
  }, "channels_sound"],
  ["a missing policy", async (site) => {
    await Deno.remove(site.repository.path("security/release_rollout_policy.json"));
  }, "rollout_policy_loaded"],
  ["a policy with an unknown key", async (site) => {
    await site.repository.write("security/release_rollout_policy.json", { version: 1, stage: {} });
  }, "rollout_policy_loaded"],
  ["a policy without gates", async (site) => {
    await site.repository.write("security/release_rollout_policy.json", {
      version: 1,
      channels: { canary: { max_rollout_percent: 100 } },
    });
  }, "gates_listed"],
  ["a missing contract", async (site) => {
    await Deno.remove(site.repository.path("security/release_traffic_adapter_contract.json"));
  }, "traffic_contract_loaded"],
  ["a freeze", async (site) => {
    const freeze = { since: 1, until: null, reason: "holiday", actor: "boss" };
    await site.repository.write(REGISTRY, { ...canaryInFlight(5), freeze });
  }, "channels_not_frozen"],
  ["traffic that is elsewhere", async (site) => {
    await site.repository.write(".data/traffic.json", { canary_weight: 60, fence: 0 });
  }, "traffic_matches_registry"],
  ["a journal that cannot be read", async (site) => {
    await site.repository.write(".data/rollout/intents/0.json", "{");
  }, "no_pending_intent"],
];

for (const [name, prepare, failed] of REFUSED) {
  Deno.test(`${name} blocks an apply in every mode and changes nothing`, async () => {
    await using site = await FileSite.start();
    await prepare(site);
    const before = await site.repository.read(REGISTRY);
    const weight = await site.weight();
    const allow = ["--allow-gate-failures", "--reason", "x"];
    const end = await site.executor("--apply", ...(failed === "gates_listed" ? [] : allow));
    assert(failedIds(end.report).includes(failed), failedIds(end.report).join(" "));
    assertEquals([end.report.ok, await site.weight()], [false, weight]);
    assert([2, 70].includes(end.code));
    assertEquals(await site.repository.read(REGISTRY), before);
  });
}

const BAD_TARGETS: [target: string, ...failed: string[]][] = [
  ["oops", "target_version_semver"],
  ["01.2.3", "target_version_semver"],
  ["1.2.3-..", "target_version_semver"],
  ["0.9.0", "target_not_downgrade", "no_other_canary_in_flight"],
  ["1.2.0", "no_other_canary_in_flight"],
];

for (const [target, ...failed] of BAD_TARGETS) {
  Deno.test(`target "${target}" is refused and nothing is written`, async () => {
    await using site = await FileSite.start();
    const before = await site.repository.read(REGISTRY);
    const end = await bare(site, "--apply", "--target-version", target);
    assertEquals([end.code, failedIds(end.report)], [2, [...failed, "rollout_apply_not_blocked"]]);
    assertEquals(await site.repository.read(REGISTRY), before);
  });
}

for (const id of ["a b", '"x"', "-rf", "x\ny", "ä"]) {
  Deno.test(`correlation id ${JSON.stringify(id)} is refused`, async () => {
    await using site = await FileSite.start();
    const end = await site.executor("--apply", `--correlation-id=${id}`);
    assertEquals(end.code, 2);
    assert(failedIds(end.report).includes("correlation_id_present"));
    assertEquals(await site.weight(), 5);
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

Deno.test("a command that succeeds without effect is not believed", async () => {
  await using site = await FileSite.start();
  await site.set("hollow-set");
  const end = await site.executor("--apply");
  assertEquals([end.code, end.report.outcome], [70, "uncertain"]);
  await site.release("hollow-set");
  assertEquals((await site.executor("--recover")).report.outcome, "recovered");
  assertEquals([await site.weight(), (await site.registry()).revision], [5, 7]);
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

for (
  const template of [
    "deno {action.__class__} {target_version}",
    "deno {action!r} {target_version}",
    "deno {} {action} {target_version}",
    "deno {unknown} {action} {target_version}",
    "deno only {action}",
    "sh -c 'x {action} {target_version}'",
  ]
) {
  Deno.test(`template "${template}" is refused by the executor and by the contract gate`, async () => {
    await using site = await FileSite.start();
    const args = ["--apply", "--target-version", "1.1.0", "--traffic-apply-command", template];
    const end = await bare(site, ...args);
    assertEquals(end.code, 2);
    assertEquals((await site.registry()).revision, 7);
    const gate = await runScript(
      "release_rollout_adapter_contract_check",
      ["--json", "--strict", "--command-template", template],
      { root: site.repository.root },
    );
    assertEquals(gate.code, 2);
  });
}

Deno.test("the stage is waited for; a clock that went back does not pass", async () => {
  await using site = await FileSite.start({ observeS: 1e9 });
  const early = await site.executor("--apply");
  assert(failedIds(early.report).includes("canary_observation_window_met"));
  const future = canaryInFlight(5);
  const ts = Date.now() / 1000 + 200;
  const history = (future.history as Record<string, unknown>[]).map((row) => ({ ...row, ts }));
  await using other = await FileSite.start();
  await other.repository.write(REGISTRY, { ...future, updated_at: ts, history });
  const back = await other.executor("--apply");
  assert(failedIds(back.report).includes("canary_observation_window_met"));
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

Deno.test("an override without a reason is refused", async () => {
  await using site = await FileSite.start();
  const end = await site.executor("--apply", "--resume");
  assertEquals(failedIds(end.report), ["overrides_explained", "rollout_apply_not_blocked"]);
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
