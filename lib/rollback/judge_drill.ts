import { type Check, notApplicable } from "../report/check.ts";
import type { DrillResult } from "./run_drill.ts";

/** What a drill must show. */
export interface DrillDemand {
  maxRecoveryS: number;
  canaryVersion: string;
}

function after(
  { forward, detected_s, rollback, recovered_s, rolled_back_s }: DrillResult,
  maxRecoveryS: number,
): Check[] {
  const hint = "look at the headline of the move, and at docs/ROLLBACK_DRILL_SIGNATURE.md";
  const rows: [id: string, ok: boolean, value: unknown, expect: string][] = [
    [
      "drill_failure_detected",
      detected_s !== null,
      detected_s,
      "noticed in the responses alone, s",
    ],
    [
      "drill_rollback_committed",
      rollback?.ok === true,
      { ...rollback, rolled_back_s },
      "traffic moved back, counted and committed",
    ],
    [
      "drill_traffic_recovered",
      recovered_s !== null,
      recovered_s,
      "200 good responses in a row after the last failure",
    ],
    [
      "drill_recovery_within_limit",
      recovered_s !== null && recovered_s <= maxRecoveryS,
      recovered_s,
      `<= ${maxRecoveryS} s from the failure to the last failed response`,
    ],
  ];
  return rows.map(([id, ok, value, expect]) =>
    forward.ok
      ? { id, ok, mode: "enforce", value, expect, hint }
      : notApplicable(id, expect, "traffic did not move forward")
  );
}

/** The observed traffic must tell the same story as the executor. */
function trafficCheck({ traffic, forward }: DrillResult, canaryVersion: string): Check {
  const phase = (name: string) => traffic.find((count) => count.phase === name);
  const share = phase("forward")?.versions[canaryVersion] ?? 0;
  const failures = phase("fault")?.failures ?? 0;
  const before = phase("before")?.versions[canaryVersion] ?? 0;
  return {
    id: "drill_traffic_observed",
    ok: forward.ok && before === 0 && share > 0 && failures > 0,
    mode: "enforce",
    value: traffic,
    expect: "no canary before, some after moving forward, failures while it failed",
    hint: "look at the proxy's configuration",
  };
}

/** Judges a drill. */
export function judgeDrill(result: DrillResult, demand: DrillDemand): Check[] {
  const { guard, forward, end } = result;
  const hint = "run deno task release_rollout_guard and deno task release_rollout_executor by hand";
  return [
    {
      id: "drill_forward_committed",
      ok: guard && forward.ok,
      mode: "enforce",
      value: { guard, ...forward },
      expect: "guard passed; one stage moved, counted and committed",
      hint,
    },
    ...after(result, demand.maxRecoveryS),
    trafficCheck(result, demand.canaryVersion),
    {
      id: "drill_registry_matches_traffic",
      ok: end.registry_percent === 0 && end.observed_weight === 0 &&
        result.counted_after?.verdict === "agrees",
      mode: "enforce",
      value: { ...end, counted: result.counted_after },
      expect: "registry, proxy and counted responses agree that the canary gets nothing",
      hint,
    },
  ];
}
