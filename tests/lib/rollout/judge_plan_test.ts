import { assertEquals } from "@std/assert/equals";
import { ReleaseRolloutPolicy } from "../../../lib/policy/release_rollout_policy.ts";
import type { Channels } from "../../../lib/rollout/channels.ts";
import { judgePlan, observationCheck, type PlanRun } from "../../../lib/rollout/judge_plan.ts";
import { planRollout } from "../../../lib/rollout/rollout_plan.ts";
import { judgeGates, kindOf } from "../../../lib/rollout/stage_gates.ts";
import { registry, row, T0 } from "./registry_fixture.ts";

const POLICY = ReleaseRolloutPolicy.parse({
  version: 1,
  channels: { canary: { max_rollout_percent: 50 } },
});
const RUN: PlanRun = {
  targetVersion: "1.1.0",
  correlationId: "chg-1",
  releaseCandidateId: "rc-1",
  isWayBack: false,
  allowDowngrade: false,
  supersede: false,
  resume: false,
  nowS: T0 + 100,
};
const START = row(T0, "set", "canary", "1.0.0", "1.1.0");
const IN_FLIGHT = registry(["1.1.0", 5], ["1.0.0", 100], [START]);
const ABORTED = registry(["1.1.0", 0], ["1.0.0", 100], [
  START,
  row(T0 + 1, "abort", "canary", "1.1.0", "1.1.0"),
]);
const FROZEN: Channels = {
  ...IN_FLIGHT,
  freeze: { since: T0, until: T0 + 101, reason: "r", actor: "a" },
};

const CASES: [name: string, store: Channels, run: Partial<PlanRun>, failed: string[]][] = [
  ["the next stage", IN_FLIGHT, {}, []],
  ["a target that is none", IN_FLIGHT, { targetVersion: "" }, ["target_version_semver"]],
  ["a downgrade", registry(["1.0.0", 0], ["1.0.0", 100]), { targetVersion: "0.9.0" }, [
    "target_not_downgrade",
  ]],
  ["a downgrade on purpose", registry(["1.0.0", 0], ["1.0.0", 100]), {
    targetVersion: "0.9.0",
    allowDowngrade: true,
  }, []],
  ["another canary in flight", IN_FLIGHT, { targetVersion: "1.2.0" }, [
    "no_other_canary_in_flight",
  ]],
  ["another canary on purpose", IN_FLIGHT, { targetVersion: "1.2.0", supersede: true }, []],
  ["an aborted target", ABORTED, {}, ["target_not_aborted"]],
  ["an aborted target on purpose", ABORTED, { resume: true }, []],
  ["a freeze", FROZEN, {}, ["channels_not_frozen"]],
  ["a freeze that is over", FROZEN, { nowS: T0 + 101 }, []],
  ["a way back under a freeze", FROZEN, { isWayBack: true }, []],
  ["an id that is none", IN_FLIGHT, { correlationId: "", releaseCandidateId: "a b" }, [
    "correlation_id_present",
    "release_candidate_id_present",
  ]],
  [
    "a canary that never reached the last stage",
    registry(["1.1.0", 60], ["1.0.0", 100], [START]),
    {},
    [
      "canary_at_final_stage",
    ],
  ],
];

for (const [name, store, change, ids] of CASES) {
  Deno.test(`judgePlan() fails [${ids}] with ${name}`, () => {
    const run = { ...RUN, ...change };
    const { targetVersion } = run;
    const plan = planRollout(store, { goal: "advance", targetVersion, stages: POLICY.stages });
    const checks = judgePlan(store, plan, POLICY, run, "enforce");
    assertEquals(checks.filter(({ ok }) => !ok).map(({ id }) => id), ids);
  });
}

Deno.test("judgePlan() refuses a stage above the policy's maximum, and names the conflict", () => {
  const policy = { ...POLICY, stages: { ...POLICY.stages, canary: [5, 60] } };
  const plan = planRollout(IN_FLIGHT, {
    goal: "advance",
    targetVersion: "1.1.0",
    stages: policy.stages,
  });
  const ids = judgePlan(IN_FLIGHT, plan, policy, RUN, "warn").filter(({ ok }) => !ok).map((
    { id },
  ) => id);
  assertEquals(ids, ["rollout_policy_consistent", "planned_percent_within_policy"]);
});

for (const [observedS, ok] of [[1799, false], [1800, true], [-1, false]] as const) {
  Deno.test(`a stage served for ${observedS} s ${ok ? "may" : "may not"} be left after 1800 s`, () => {
    const request = { goal: "advance", targetVersion: "1.1.0", stages: POLICY.stages } as const;
    const plan = planRollout(IN_FLIGHT, request);
    const run = { nowS: T0 + observedS, mode: "enforce" as const };
    assertEquals(observationCheck(IN_FLIGHT, plan, POLICY, run).ok, ok);
  });
}

Deno.test("kindOf() reads folder and kind out of a pattern", () => {
  assertEquals(kindOf(".data/out/slo_guard_*.json"), { dir: ".data/out", kind: "slo_guard" });
});

Deno.test("judgeGates() accepts valid reports only, and an empty list is no gate", async () => {
  const binding = { nowS: T0, commit: "", releaseCandidateId: "", demandClean: false };
  const gate = (require_ok: boolean, required: boolean) => ({
    id: "g",
    pattern: ".data/out/g_*.json",
    max_age_s: 60,
    required,
    require_ok,
  });
  const states = ["valid", "stale", "failed", "foreign", "malformed", "future", "missing"] as const;
  const passing = async (require_ok: boolean): Promise<string[]> => {
    const passed: string[] = [];
    for (const state of states) {
      const { evidence } = await judgeGates(
        [gate(require_ok, true)],
        binding,
        "enforce",
        () => Promise.resolve({ state, reasons: [], examined: 1 }),
      );
      if (evidence[0]?.passed) passed.push(state);
    }
    return passed;
  };
  assertEquals([await passing(true), await passing(false)], [["valid"], ["valid", "failed"]]);
  const find = () => Promise.reject(new Error("nothing is looked up"));
  const empty = await judgeGates([], binding, "enforce", find);
  assertEquals(empty.checks.map(({ id, ok }) => [id, ok]), [["gates_listed", false]]);
  const optional = await judgeGates(
    [gate(true, false)],
    binding,
    "enforce",
    () => Promise.resolve({ state: "missing", reasons: [], examined: 0 }),
  );
  assertEquals(optional.checks.at(-1)?.mode, "warn");
});
