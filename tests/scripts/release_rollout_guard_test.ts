import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { canaryInFlight } from "../support/file_site.ts";
import { failedIds, runScript } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";

const POLICY = { version: 1, stages: { canary: [5, 20] } };
const ALIGNED = {
  version: 1,
  updated_at: 0,
  channels: {
    canary: { version: "1.0.0", rollout_percent: 5, updated_at: 0 },
    stable: { version: "1.0.0", rollout_percent: 100, updated_at: 0 },
  },
  history: [],
};

async function guard(
  registry: Record<string, unknown> | string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Awaited<ReturnType<typeof runScript>>> {
  await using repository = await TempRepository.make({
    "security/release_channels.json": registry,
    "security/release_rollout_policy.json": POLICY,
  }, { git: true });
  return await runScript("release_rollout_guard", ["--json", ...args], {
    root: repository.root,
    env,
  });
}

Deno.test("the aligned initial state passes, strictly", async () => {
  const end = await guard(ALIGNED, ["--strict"]);
  assertEquals([end.code, failedIds(end.report)], [0, []]);
  const { state } = end.report as unknown as { state: Record<string, unknown> };
  assertEquals([state.canary_version, state.stable_rollout_percent], ["1.0.0", 100]);
});

Deno.test("a stable version set directly fails under WA_RELEASE_ROLLOUT_STRICT, and is allowed by a flag", async () => {
  const row = {
    ts: Date.now() / 1000 - 50,
    action: "set",
    channel: "stable",
    from_version: "1.0.0",
  };
  const set = {
    ...ALIGNED,
    updated_at: row.ts,
    channels: {
      canary: { ...ALIGNED.channels.canary, version: "1.1.0", rollout_percent: 0 },
      stable: { ...ALIGNED.channels.stable, version: "1.1.0" },
    },
    history: [{ ...row, to_version: "1.1.0", reason: "no security impact", actor: "a" }],
  };
  const strict = { WA_RELEASE_ROLLOUT_STRICT: "1" };
  const refused = await guard(set, [], strict);
  assertEquals([refused.code, failedIds(refused.report)], [2, ["direct_stable_set_allowed"]]);
  const warned = await guard(set, []);
  assertEquals([warned.code, warned.report.ok, warned.report.clean], [0, true, false]);
  const allowed = await guard(set, ["--allow-direct-stable"], strict);
  assertEquals(allowed.code, 0);
});

Deno.test("limits come from flag or environment, and tighten or loosen the policy's", async () => {
  const late = { WA_RELEASE_ROLLOUT_MAX_HISTORY_AGE_S: "1e10" };
  const stale = await guard(canaryInFlight(5), ["--strict"]);
  assert(failedIds(stale.report).includes("history_fresh_enough"));
  assertEquals(failedIds((await guard(canaryInFlight(5), ["--strict"], late)).report), []);
  const expected = await guard(ALIGNED, ["--strict", "--expected-version", "9.9.9"]);
  assertEquals(failedIds(expected.report), ["expected_version_present"]);
});

for (
  const [name, text] of [["empty", ""], ["truncated", '{"version": 1'], ["not an object", "[]"]]
) {
  Deno.test(`a registry that is ${name} fails in every mode`, async () => {
    const end = await guard(text ?? "", []);
    assertEquals([end.code, failedIds(end.report)], [2, ["release_channels_loaded"]]);
  });
}
