import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ReleaseRolloutPolicy } from "../../../lib/policy/release_rollout_policy.ts";
import { applyPlan } from "../../../lib/rollout/apply_plan.ts";
import { type Channels, parseChannels } from "../../../lib/rollout/channels.ts";
import { judgePlan, observationCheck } from "../../../lib/rollout/judge_plan.ts";
import { judgeRollout } from "../../../lib/rollout/judge_rollout.ts";
import { planRollout } from "../../../lib/rollout/rollout_plan.ts";
import { registry, row, T0 } from "./registry_fixture.ts";

const DAY_S = 86_400;
const POLICY = ReleaseRolloutPolicy.parse({ version: 1, stages: { canary: [5, 20, 25] } });
const RUN = {
  expectedVersion: undefined,
  maxHistoryAgeS: POLICY.history.max_age_s,
  minCanaryObserveS: 1800,
  allowDirectStable: false,
  nowS: T0 + 10 * DAY_S,
  gate: "enforce" as const,
};

const failed = (store: Channels, policy = POLICY, run: Partial<typeof RUN> = {}): string[] =>
  judgeRollout(store, policy, { ...RUN, ...run }).checks.filter(({ ok }) => !ok)
    .map(({ id }) => id);

const START = row(T0, "set", "canary", "1.0.0", "1.1.0");
const PROMOTED = row(T0 + 1800, "promote", "canary->stable", "1.0.0", "1.1.0");
const direct = (reason: string, extra: Record<string, unknown> = {}): Channels =>
  registry(["1.1.0", 0], ["1.1.0", 100], [
    row(T0, "set", "stable", "1.0.0", "1.1.0", { reason, ...extra }),
    row(T0 + 1, "set", "canary", "1.0.0", "1.1.0"),
  ]);

const CASES: [name: string, store: Channels, failed: string[]][] = [
  ["has its first canary in flight", registry(["1.1.0", 5], ["1.0.0", 100], [START]), []],
  [
    "was promoted after the whole window",
    registry(["1.1.0", 0], ["1.1.0", 100], [START, PROMOTED]),
    [],
  ],
  [
    "was promoted a second early",
    registry(["1.1.0", 0], ["1.1.0", 100], [
      START,
      { ...PROMOTED, ts: T0 + 1799 },
    ]),
    ["canary_observation_window_met"],
  ],
  [
    "was promoted early, and the next canary has begun",
    registry(["1.2.0", 5], ["1.1.0", 100], [
      START,
      { ...PROMOTED, ts: T0 + 2 },
      row(T0 + 3, "set", "canary", "1.1.0", "1.2.0"),
    ]),
    ["canary_observation_window_met"],
  ],
  [
    "had its canary touched after the promotion",
    registry(["1.1.0", 5], ["1.1.0", 100], [
      START,
      PROMOTED,
      row(T0 + 1801, "set", "canary", "1.1.0", "1.1.0"),
    ]),
    [],
  ],
  [
    "counts a rollback of the canary as no canary",
    registry(["1.1.0", 0], ["1.1.0", 100], [
      row(T0, "rollback", "canary", "1.2.0", "1.1.0"),
      PROMOTED,
    ]),
    ["canary_observation_window_met"],
  ],
  ["set stable directly", direct("quick"), ["direct_stable_set_allowed"]],
  ["mentions a keyword only", direct("no security impact"), ["direct_stable_set_allowed"]],
  ["approves itself", direct("security fix", { approver: "release-bot", incident_id: "I-1" }), [
    "direct_stable_set_allowed",
  ]],
  [
    "had an approved emergency",
    direct("security fix", { approver: "lead", incident_id: "I-1" }),
    [],
  ],
  ["has a canary above the maximum", registry(["1.1.0", 70], ["1.0.0", 100], [START]), [
    "canary_rollout_policy_range",
  ]],
  [
    "has an idle canary above the maximum",
    registry(["1.1.0", 70], ["1.1.0", 100], [START, PROMOTED]),
    [],
  ],
  ["has stable below its percent", registry(["1.1.0", 0], ["1.1.0", 40], [START, PROMOTED]), [
    "stable_rollout_required",
  ]],
  [
    "has rows without reason and actor",
    registry(["1.1.0", 5], ["1.0.0", 100], [
      { ...START, reason: " ", actor: "" },
    ]),
    ["history_reason_present", "history_actor_present"],
  ],
  [
    "is from the future",
    registry(["1.1.0", 5], ["1.0.0", 100], [
      { ...START, ts: RUN.nowS + 301 },
    ]),
    ["history_not_in_future"],
  ],
  ["does not say how stable came to be", registry(["1.1.0", 5], ["1.0.9", 100], [START]), [
    "stable_version_lineage_present",
  ]],
  ["differs without history", registry(["1.1.0", 5], ["1.0.0", 100]), [
    "history_matches_channels",
    "stable_version_lineage_present",
    "initial_state_allowed_without_history",
  ]],
];

for (const [name, store, ids] of CASES) {
  Deno.test(`judgeRollout() fails [${ids}] for a registry that ${name}`, () => {
    assertEquals(failed(store), ids);
  });
}

Deno.test("judgeRollout() says of an empty history that its rows cannot be judged, and passes none", () => {
  const { checks } = judgeRollout(registry(["1.0.0", 0], ["1.0.0", 100]), POLICY, RUN);
  const unjudged = checks.filter((check) => check.not_applicable !== undefined).map(({ id }) => id);
  for (const id of ["history_fresh_enough", "history_reason_present", "history_actor_present"]) {
    assert(unjudged.includes(id), unjudged.join(" "));
  }
  const initial = checks.find(({ id }) => id === "initial_state_allowed_without_history");
  assertEquals([initial?.ok, initial?.mode], [true, "warn"]);
});

Deno.test("judgeRollout() wants fresh history only while a rollout is in flight", () => {
  const late = { nowS: T0 + 60 * DAY_S };
  assertEquals(failed(registry(["1.1.0", 0], ["1.1.0", 100], [START, PROMOTED]), POLICY, late), []);
  assertEquals(failed(registry(["1.1.0", 5], ["1.0.0", 100], [START]), POLICY, late), [
    "history_fresh_enough",
  ]);
});

Deno.test("judgeRollout() accepts an emergency override until it expires", () => {
  const override = { version: "1.1.0", reason: "CVE", approver: "lead", incident_id: "I-1" };
  const until = (expires_at: number): ReleaseRolloutPolicy => ({
    ...POLICY,
    promotion: { ...POLICY.promotion, emergency_overrides: [{ ...override, expires_at }] },
  });
  assertEquals(failed(direct("quick"), until(T0)), []);
  assertEquals(failed(direct("quick"), until(T0 - 1)), ["direct_stable_set_allowed"]);
  assertEquals(failed(direct("quick"), POLICY, { allowDirectStable: true }), []);
});

Deno.test("the defaults of the rollout policy do not contradict each other", () => {
  const policy = ReleaseRolloutPolicy.parse({ version: 1 });
  const check = judgeRollout(registry(["1.0.0", 0], ["1.0.0", 100]), policy, RUN).checks
    .find(({ id }) => id === "rollout_policy_consistent");
  assertEquals(check?.ok, true);
});

Deno.test("judgeRollout() names both keys of a policy that contradicts itself", () => {
  const capped = { version: 1, channels: { canary: { max_rollout_percent: 25 }, stable: {} } };
  const policy = ReleaseRolloutPolicy.parse(capped); // stages go to 50
  const check = judgeRollout(registry(["1.0.0", 0], ["1.0.0", 100]), policy, RUN).checks
    .find(({ id }) => id === "rollout_policy_consistent");
  assertEquals(check?.value, [
    "/stages/canary and /channels/canary/max_rollout_percent: last stage 50 is above 25",
  ]);
});

Deno.test("as shipped, a rollout reaches stable with the guard green at each step", async () => {
  const security = new URL("../../../security/", import.meta.url);
  const policy = ReleaseRolloutPolicy.parse(
    JSON.parse(await Deno.readTextFile(new URL("release_rollout_policy.json", security))),
  );
  const file = new URL("release_channels.json", security);
  let store = parseChannels(await Deno.readTextFile(file), "shipped");
  let nowS = store.updated_at + 60 * DAY_S;
  const actions: string[] = [];
  for (let step = 0; step < 20; step++) {
    const run = { ...RUN, nowS, maxHistoryAgeS: policy.history.max_age_s };
    assertEquals(judgeRollout(store, policy, run).checks.filter(({ ok }) => !ok), []);
    const target = "99.0.0";
    const plan = planRollout(store, {
      goal: "advance",
      targetVersion: target,
      stages: policy.stages,
    });
    if (plan.action === "noop") break;
    const ids = { correlationId: "c", releaseCandidateId: "r", targetVersion: target };
    const allowed = { isWayBack: false, allowDowngrade: false, supersede: false, resume: false };
    const checks = [
      ...judgePlan(store, plan, policy, { ...ids, ...allowed, nowS }, "enforce"),
      observationCheck(store, plan, policy, { nowS, mode: "enforce" }),
    ];
    assertEquals(checks.filter(({ ok }) => !ok), []);
    store = applyPlan(store, plan, { reason: plan.reason, actor: "bot", nowS });
    store = { ...store, updated_at: nowS };
    actions.push(`${plan.action} ${plan.rollout_percent}`);
    const early = planRollout(store, {
      goal: "advance",
      targetVersion: target,
      stages: policy.stages,
    });
    const wait = { nowS: nowS + 1, mode: "enforce" as const };
    assert(early.action === "noop" || !observationCheck(store, early, policy, wait).ok);
    nowS += 1800;
  }
  assertEquals(actions, [
    "set_canary 5",
    "rollout_canary 25",
    "rollout_canary 50",
    "rollout_canary 100",
    "promote_stable 100",
  ]);
});

Deno.test("a registry and a policy as older tools wrote them still load", () => {
  const store = parseChannels(
    '{"version":1,"updated_at":1772551800.25,"channels":{"canary":{"version":"3.7.0",' +
      '"rollout_percent":20,"updated_at":1772551800.25},"stable":{"version":"3.6.2",' +
      '"rollout_percent":100,"updated_at":1771000000.0}},"history":[{"ts":1771000000.0,' +
      '"action":"promote","channel":"canary->stable","from_version":"3.6.1","to_version":"3.6.2",' +
      '"reason":"bake complete","actor":"rel-eng"}]}',
    "old",
  );
  assertEquals(store.channels.canary?.rollout_percent, 20);
  ReleaseRolloutPolicy.parse({
    version: 1,
    channels: {
      canary: { min_rollout_percent: 1, max_rollout_percent: 40 },
      stable: { required_rollout_percent: 100 },
    },
    history: {
      min_entries: 1,
      max_age_s: 1209600,
      require_reason: true,
      require_actor: true,
      allow_initial_equal_without_history: true,
    },
    promotion: {
      require_canary_for_stable: true,
      min_canary_observe_s: 5400,
      allow_direct_stable_set: false,
      direct_stable_reason_keywords: ["sev1", "cve"],
    },
    stages: { canary: [2, 10, 40], stable: [100], min_stage_observe_s: 2700 },
    gates: {
      required_reports: [{
        id: "slo_guard",
        pattern: ".data/out/slo_guard_*.json",
        max_age_s: 1800,
        required: true,
        require_ok: true,
      }],
    },
  });
});
