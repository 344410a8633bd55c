import { assertEquals } from "@std/assert/equals";
import { applyPlan } from "../../../lib/rollout/apply_plan.ts";
import type { Channels, HistoryRow } from "../../../lib/rollout/channels.ts";
import {
  observedSince,
  type PlanRequest,
  planRollout,
  wasAborted,
} from "../../../lib/rollout/rollout_plan.ts";
import { splitOf } from "../../../lib/rollout/traffic_split.ts";
import { registry, row, T0 } from "./registry_fixture.ts";

const REQUEST: PlanRequest = {
  goal: "advance",
  targetVersion: "1.1.0",
  stages: { canary: [5, 25, 50], stable: [25, 100] },
};

const CASES: [name: string, store: Channels, change: Partial<PlanRequest>, plan: string][] = [
  ["nothing in flight", registry(["1.0.0", 0], ["1.0.0", 100]), {}, "set_canary 5"],
  ["another canary", registry(["1.0.5", 25], ["1.0.0", 100]), {}, "set_canary 5"],
  ["a canary at a stage", registry(["1.1.0", 5], ["1.0.0", 100]), {}, "rollout_canary 25"],
  ["a canary between stages", registry(["1.1.0", 30], ["1.0.0", 100]), {}, "rollout_canary 50"],
  ["a canary at the last stage", registry(["1.1.0", 50], ["1.0.0", 100]), {}, "promote_stable 25"],
  ["stable at a stage", registry(["1.1.0", 0], ["1.1.0", 25]), {}, "rollout_stable 100"],
  [
    "stable at a stage, another canary in flight",
    registry(["1.2.0", 5], ["1.1.0", 25]),
    {},
    "rollout_stable 100",
  ],
  ["the target on stable", registry(["1.1.0", 0], ["1.1.0", 100]), {}, "noop"],
  ["an abort", registry(["1.1.0", 25], ["1.0.0", 100]), { goal: "abort" }, "abort_canary 0"],
  ["an abort of nothing", registry(["1.0.0", 25], ["1.0.0", 100]), { goal: "abort" }, "noop"],
  ["a rollback", registry(["1.1.0", 0], ["1.1.0", 100]), {
    goal: "rollback",
    rollbackVersion: "1.0.0",
  }, "rollback_stable 100"],
  ["a rollback to nowhere", registry(["1.1.0", 0], ["1.1.0", 100]), { goal: "rollback" }, "noop"],
];

for (const [name, store, change, wanted] of CASES) {
  Deno.test(`planRollout() with ${name}: ${wanted}`, () => {
    const plan = planRollout(store, { ...REQUEST, ...change });
    assertEquals(`${plan.action} ${plan.rollout_percent ?? ""}`.trim(), wanted);
  });
}

Deno.test("a rollout goes through every stage, and traffic follows", () => {
  let store = registry(["1.0.0", 0], ["1.0.0", 100]);
  const weights: number[] = [];
  const indexes: number[] = [];
  for (let step = 0; step < 10; step++) {
    const plan = planRollout(store, REQUEST);
    if (plan.action === "noop") break;
    store = applyPlan(store, plan, { reason: "r", actor: "a", nowS: T0 + step });
    weights.push(splitOf(store).canary_weight);
    indexes.push(plan.stage_index);
  }
  assertEquals(weights, [5, 25, 50, 75, 0]);
  assertEquals(indexes, [1, 2, 3, 4, 5]);
  assertEquals(store.history.map(({ action }) => action), [
    "set",
    "rollout",
    "rollout",
    "promote",
    "rollout",
  ]);
});

Deno.test("wasAborted() looks at the newest thing that happened to the version", () => {
  const set = row(T0, "set", "canary", "1.0.0", "1.1.0");
  const abort = row(T0 + 1, "abort", "canary", "1.1.0", "1.1.0");
  const resumed = row(T0 + 2, "rollout", "canary", "1.1.0", "1.1.0");
  const rolledBack = row(T0 + 1, "rollback", "canary", "1.1.0", "1.0.0");
  const aborted = (...history: HistoryRow[]): boolean =>
    wasAborted(registry(["1.1.0", 0], ["1.0.0", 100], history), "1.1.0");
  assertEquals([aborted(set), aborted(set, abort), aborted(set, abort, resumed)], [
    false,
    true,
    false,
  ]);
  assertEquals(aborted(set, rolledBack), true);
});

Deno.test("observedSince() is unknown when nothing says so", () => {
  const store = registry(["1.1.0", 5], ["1.0.0", 100]);
  const plan = planRollout(store, REQUEST);
  assertEquals(observedSince(store, plan), T0);
  const channels = {
    ...store.channels,
    canary: { version: "1.1.0", rollout_percent: 5, updated_at: 0 },
  };
  assertEquals(observedSince({ ...store, channels }, plan), undefined);
});
