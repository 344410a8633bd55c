import { type Check, type Mode, notApplicable } from "../report/check.ts";
import type { Channels, HistoryRow } from "../rollout/channels.ts";
import type { DrillFile } from "./drill_files.ts";
import { ageOf } from "./judge_drill_reports.ts";

const REHEARSAL = /(?:^|[^a-z0-9])(?:drill|rehearsal|exercise|simulation|gameday)(?:$|[^a-z0-9])/i;
const HINT = "deno task rollback_drill";

/** Rows of the registry's history that were rollbacks made to rehearse one, oldest first. */
export function rehearsalRows({ history }: Channels): HistoryRow[] {
  return history.filter(({ action, reason }) =>
    action.trim().toLowerCase() === "rollback" && REHEARSAL.test(reason ?? "")
  );
}

/** What rehearsals of moving traffic back must show. */
export interface RehearsalDemand {
  required: boolean;
  maxAgeS: number;
  nowS: number;
  gate: Mode;
}

/**
 * Whether moving traffic back was rehearsed: by a traffic drill on a real proxy, which needs no
 * change of the production registry, or by a rollback in the registry whose reason says so.
 *
 * @param drills Reports of traffic drills, newest first.
 */
export function judgeRehearsals(
  rows: readonly HistoryRow[],
  drills: readonly DrillFile[],
  { required, maxAgeS, nowS, gate }: RehearsalDemand,
): Check[] {
  const ids = ["history_has_rollback_rehearsal", "history_rollback_rehearsal_fresh"] as const;
  const passed = drills.filter(({ value }) => value?.ok === true);
  const count = rows.length + passed.length;
  if (!required) {
    const reason = `not required; ${count} found`;
    return ids.map((id) => notApplicable(id, "a rehearsed rollback", reason));
  }
  const newestS = Math.max(...rows.map(({ ts }) => ts), ...passed.map(({ timeS }) => timeS));
  const ageS = nowS - newestS;
  return [
    {
      id: ids[0],
      ok: count > 0,
      mode: gate,
      value: { traffic_drills: passed.length, history_rows: rows.length },
      expect: ">= 1 passed traffic drill, or rollback in the history made to rehearse",
      hint: HINT,
    },
    count === 0 ? notApplicable(ids[1], `<= ${maxAgeS} s old`, "there is no rehearsal") : {
      id: ids[1],
      ok: ageS >= 0 && ageS <= maxAgeS,
      mode: ageS < 0 ? "enforce" : gate,
      value: Math.round(ageS),
      expect: `0..${maxAgeS} s old`,
      hint: HINT,
    },
  ];
}

/** A traffic drill that failed is a finding, whether or not drills are required. */
export function trafficDrillCheck(drills: readonly DrillFile[], nowS: number, gate: Mode): Check {
  const id = "traffic_drill_passed";
  const expect = "the newest traffic drill passed";
  const [newest] = drills;
  if (newest === undefined) return notApplicable(id, expect, "no traffic drill was run here");
  return {
    id,
    ok: newest.value?.ok === true,
    mode: newest.value === undefined ? "enforce" : gate,
    value: { report: newest.path, age_s: Math.round(ageOf(newest, nowS)), faults: newest.faults },
    expect,
    hint: HINT,
    location: { file: newest.path },
  };
}
