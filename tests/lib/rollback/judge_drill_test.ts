import { assertEquals } from "@std/assert/equals";
import { judgeDrill } from "../../../lib/rollback/judge_drill.ts";
import type { DrillResult } from "../../../lib/rollback/run_drill.ts";

const MOVE = {
  ok: true,
  outcome: "committed",
  headline: "",
  duration_s: 1,
  counted: null,
  failed: [],
};

const GOOD: DrillResult = {
  guard: true,
  forward: MOVE,
  detected_s: 0.1,
  rollback: MOVE,
  rolled_back_s: 3,
  recovered_s: 2,
  end: { registry_percent: 0, observed_weight: 0 },
  counted_after: {
    ...{ verdict: "agrees", samples: 135, versions: { "1.0.0": 135 } },
    ...{ version: "1.1.0", share: 0, wanted: 0 },
  },
  traffic: [
    { phase: "before", responses: 9, failures: 0, versions: { "1.0.0": 9 } },
    { phase: "forward", responses: 9, failures: 0, versions: { "1.0.0": 6, "1.1.0": 3 } },
    { phase: "fault", responses: 9, failures: 3, versions: { "1.0.0": 6, "1.1.0": 3 } },
    { phase: "after", responses: 9, failures: 0, versions: { "1.0.0": 9 } },
  ],
};

const CASES: [name: string, change: Partial<DrillResult>, failed: string[]][] = [
  ["nothing wrong", {}, []],
  ["a guard that failed", { guard: false }, ["drill_forward_committed"]],
  ["a failure nobody noticed", { detected_s: null }, ["drill_failure_detected"]],
  ["a rollback that was refused", {
    rollback: { ...MOVE, ok: false },
    rolled_back_s: null,
  }, ["drill_rollback_committed"]],
  ["responses that fail on", { recovered_s: null }, [
    "drill_traffic_recovered",
    "drill_recovery_within_limit",
  ]],
  ["a recovery of 60.1 s", { recovered_s: 60.1 }, ["drill_recovery_within_limit"]],
  ["a recovery of 60 s", { recovered_s: 60 }, []],
  ["no canary in the observed traffic", {
    traffic: GOOD.traffic.map((count) => ({ ...count, versions: { "1.0.0": 9 } })),
  }, ["drill_traffic_observed"]],
  ["a canary before the stage", {
    traffic: GOOD.traffic.map((count) => ({ ...count, versions: { "1.1.0": 9 } })),
  }, ["drill_traffic_observed"]],
  ["a proxy that still serves the canary", {
    end: { registry_percent: 0, observed_weight: 25 },
  }, ["drill_registry_matches_traffic"]],
  ["a split that could not be counted", { counted_after: null }, [
    "drill_registry_matches_traffic",
  ]],
  ["a stage that was not committed", { forward: { ...MOVE, ok: false } }, [
    "drill_forward_committed",
    "drill_traffic_observed",
  ]],
];

for (const [name, change, failed] of CASES) {
  Deno.test(`judgeDrill() fails [${failed}] for ${name}`, () => {
    const checks = judgeDrill({ ...GOOD, ...change }, { maxRecoveryS: 60, canaryVersion: "1.1.0" });
    assertEquals(checks.filter((check) => !check.ok).map((check) => check.id), failed);
  });
}
