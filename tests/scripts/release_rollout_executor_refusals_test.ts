import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { fromFileUrl } from "@std/path/from-file-url";
import { AUDIT_LOG } from "../../lib/audit/paths.ts";
import type { Report } from "../../lib/report/report.ts";
import { canaryInFlight, FileSite } from "../support/file_site.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import { treeDigest } from "../support/tree_digest.ts";

const REGISTRY = "security/release_channels.json";
const GATE_REPORT = ".data/out/any_guard_20260101T000000Z.json";

/** Runs the executor without any traffic flags. */
async function bare(site: FileSite, ...args: string[]): Promise<ScriptEnd> {
  return await runScript("release_rollout_executor", ["--json", ...args], {
    root: site.repository.root,
  });
}

/** Everything but reports and what the audit log says of them: must be as it was after a refusal. */
async function stateOf({ repository }: FileSite): Promise<Record<string, string>> {
  const files = Object.entries(await treeDigest(repository.root));
  return Object.fromEntries(files.filter(([path]) => !/^\.data\/(out|audit)\//.test(path)));
}

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
  ["a malformed policy", async (site) => {
    await site.repository.write("security/release_rollout_policy.json", '{"version": 1,');
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
    const before = await stateOf(site);
    const approved = ["--approver", "lead", "--incident-id", "INC-1", "--reason", "x"];
    const allow = failed === "gates_listed" ? [] : ["--allow-gate-failures", ...approved];
    for (const strict of [[], ["--strict"]]) {
      const end = await site.executor("--apply", ...allow, ...strict);
      assert(failedIds(end.report).includes(failed), failedIds(end.report).join(" "));
      assertEquals(end.report.ok, false);
      assert([2, 70].includes(end.code));
    }
    assertEquals(await stateOf(site), before);
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
    const before = await stateOf(site);
    const end = await bare(site, "--apply", "--target-version", target);
    assertEquals([end.code, failedIds(end.report)], [2, [...failed, "rollout_apply_not_blocked"]]);
    assertEquals(await stateOf(site), before);
  });
}

Deno.test("an audit log that does not hold stops an apply before traffic is touched", async () => {
  await using site = await FileSite.start();
  const before = await site.repository.read(REGISTRY);
  await site.executor("--dry-run");
  await site.repository.write(AUDIT_LOG, "not what was written\n");
  const allowed = ["--allow-gate-failures", "--approver", "lead", "--incident-id", "I-1"];
  const broken = await site.executor("--apply", ...allowed, "--reason", "r");
  assertEquals([broken.code, broken.report.outcome], [70, "uncertain"]);
  assert(failedIds(broken.report).includes("rollout_state_durable"));
  assertEquals((await site.intents()).map(({ state }) => state), ["PREPARED"]);
  assertEquals([await site.weight(), await site.repository.read(REGISTRY)], [5, before]);
});

Deno.test("without any target version nothing is applied", async () => {
  await using site = await FileSite.start(); // its code states no version
  const before = await stateOf(site);
  const end = await bare(site, "--apply");
  assertEquals([end.code, end.report.target_version], [2, ""]);
  assertEquals(failedIds(end.report), ["target_version_semver", "rollout_apply_not_blocked"]);
  assertEquals((await bare(site, "--apply", "--target-version", "")).code, 64);
  assertEquals(await stateOf(site), before);
});

for (const id of ["a b", '"x"', "-rf", "x\ny", "ä"]) {
  Deno.test(`correlation id ${JSON.stringify(id)} is refused`, async () => {
    await using site = await FileSite.start();
    const end = await site.executor("--apply", `--correlation-id=${id}`);
    assertEquals(end.code, 2);
    assert(failedIds(end.report).includes("correlation_id_present"));
    const candidate = await site.executor("--apply", `--release-candidate-id=${id}`);
    assert(failedIds(candidate.report).includes("release_candidate_id_present"));
    assertEquals([await site.weight(), await site.intents()], [5, []]);
  });
}

/** What both say of a template, without where they say it. */
function faultsOf({ report }: ScriptEnd, valid: string, required: string): unknown {
  const value = (id: string): unknown => report.checks.find((check) => check.id === id)?.value;
  const { faults, unknown_placeholders: unknown = [] } = value(valid) as {
    faults: string[];
    unknown_placeholders?: string[];
  };
  const named = unknown.map((name) => `placeholder "${name}" is not allowed`);
  return { faults: [...faults, ...named], missing: value(required) };
}

for (
  const template of [
    "deno {action.__class__} {target_version}",
    "deno {action[0]} {target_version}",
    "deno {action!r} {target_version}",
    "deno {action:>9} {target_version}",
    "deno {} {action} {target_version}",
    "deno {action:{target_version}} {action} {target_version}",
    "deno {action} {target_version",
    "deno {unknown} {action} {target_version}",
    "deno only {action}",
    "sh -c 'x {action} {target_version}'",
  ]
) {
  Deno.test(`template "${template}" is refused by executor and contract gate in the same words`, async () => {
    await using site = await FileSite.start();
    const before = await stateOf(site);
    const args = ["--apply", "--target-version", "1.1.0", "--traffic-apply-command", template];
    const end = await bare(site, ...args);
    assertEquals(end.code, 2);
    assertEquals(await stateOf(site), before);
    const gate = await runScript(
      "release_rollout_adapter_contract_check",
      ["--json", "--strict", "--command-template", template],
      { root: site.repository.root },
    );
    assertEquals(gate.code, 2);
    const said = faultsOf(
      end,
      "traffic_apply_template_valid",
      "traffic_apply_required_placeholders",
    );
    const required = "runtime_command_contains_required_placeholders";
    assertEquals(faultsOf(gate, "runtime_command_template_valid", required), said);
  });
}

Deno.test("a clock that went back an hour during a rollout blocks; one that is right again does not", async () => {
  await using site = await FileSite.start({ observeS: 1800 });
  const back = fromFileUrl(new URL("../support/clock_back.ts", import.meta.url));
  assertEquals((await site.executor("--apply")).report.outcome, "committed");
  const committed = (await site.registry()).history.at(-1)?.ts ?? 0;
  await site.wait(900); // 2700 s into the future, seen from there
  const before = await stateOf(site);
  const child = await site.spawnWith({ preload: back }, "--apply");
  const report = JSON.parse(new TextDecoder().decode((await child.output()).stdout)) as Report;
  const window = report.checks.find(({ id }) => id === "canary_observation_window_met");
  assert(report.started_at < committed, "the clock did go back");
  assertEquals([window?.ok, Number(window?.value) < 0], [false, true]);
  assertEquals(await stateOf(site), before);
  await site.wait(901);
  assertEquals((await site.executor("--apply")).report.outcome, "committed");
});

Deno.test("the stage is waited for", async () => {
  await using site = await FileSite.start({ observeS: 1e9 });
  const before = await stateOf(site);
  const early = await site.executor("--apply");
  assertEquals([early.code, failedIds(early.report)], [2, [
    "canary_observation_window_met",
    "rollout_apply_not_blocked",
  ]]);
  assertEquals(await stateOf(site), before);
});

/** One gate report, and why it does not count. */
const REPORTS: [name: string, change: Record<string, unknown>, state: string, reason: string][] = [
  ["of tomorrow", { ended_at: Date.now() / 1000 + 86_400 }, "future", "ahead"],
  ["whose ok is a text", { ok: "false" }, "malformed", "ok"],
  ["that failed", { ok: false }, "failed", "negative"],
  ["of last week", { ended_at: Date.now() / 1000 - 700_000 }, "stale", "limit is"],
  ["of another commit", { git: { commit: "0".repeat(40) } }, "foreign", "commit"],
  ["of another candidate", { correlation: { release_candidate_id: "rc-0" } }, "foreign", "rc-0"],
];

for (const [name, change, state, reason] of REPORTS) {
  Deno.test(`a gate report ${name} is refused as ${state}, with its reason`, async () => {
    await using site = await FileSite.start();
    const sound = await site.repository.json(GATE_REPORT);
    const ours = { correlation: { release_candidate_id: "rc-1" } };
    await site.repository.write(GATE_REPORT, { ...sound, ...ours, ...change });
    const end = await site.executor("--apply", "--release-candidate-id", "rc-1");
    assertEquals(failedIds(end.report), ["gate::any_guard", "rollout_apply_not_blocked"]);
    const value = end.report.checks.find(({ id }) => id === "gate::any_guard")?.value;
    const said = value as { state: string; reasons: string[] };
    assertEquals(said.state, state);
    assert(said.reasons.join(" ").includes(reason), said.reasons.join(" "));
  });
}

Deno.test("a gate report of this commit and candidate is accepted", async () => {
  await using site = await FileSite.start();
  const sound = await site.repository.json(GATE_REPORT);
  const correlation = { release_candidate_id: "rc-1" };
  await site.repository.write(GATE_REPORT, { ...sound, correlation });
  const end = await site.executor("--apply", "--release-candidate-id", "rc-1");
  assertEquals(end.report.outcome, "committed");
});

Deno.test("touching an older green report does not hide a newer red one", async () => {
  await using site = await FileSite.start();
  const sound = await site.repository.json<{ ended_at: number }>(GATE_REPORT);
  const red = { ...sound, ok: false, ended_at: sound.ended_at + 30 };
  await site.repository.write(".data/out/any_guard_20260101T000030Z.json", red);
  const late = new Date(Date.now() + 60_000);
  await Deno.utime(site.repository.path(GATE_REPORT), late, late);
  const end = await site.executor("--apply");
  assertEquals(failedIds(end.report), ["gate::any_guard", "rollout_apply_not_blocked"]);
});

Deno.test("an override without a reason is refused", async () => {
  await using site = await FileSite.start();
  const end = await site.executor("--apply", "--resume");
  assertEquals(failedIds(end.report), ["overrides_explained", "rollout_apply_not_blocked"]);
});
