import { type Check, type Mode, notApplicable } from "../report/check.ts";
import type { DrillFile } from "./drill_files.ts";

/** A clock of another machine may run this much ahead before evidence counts as future, seconds. */
const CLOCK_SKEW_S = 5;

/** What reports of one kind must show. */
export interface ReportDemand {
  /** Beginning of the check ids, such as `incident_drill`. */
  prefix: string;
  minimum: number;
  maxAgeS: number;
  nowS: number;
  gate: Mode;
  /** Command that makes such a report. */
  hint: string;
}

/** Age in seconds; negative for reports from the future. */
export function ageOf({ timeS }: DrillFile, nowS: number): number {
  return nowS - timeS;
}

const fromFuture = (file: DrillFile, nowS: number): boolean => ageOf(file, nowS) < -CLOCK_SKEW_S;

function countCheck(judged: readonly DrillFile[], found: number, demand: ReportDemand): Check {
  if (demand.minimum === 0) {
    return notApplicable(`${demand.prefix}_reports_count`, ">= 0 reports", "none are asked for");
  }
  return {
    id: `${demand.prefix}_reports_count`,
    ok: judged.length >= demand.minimum,
    mode: demand.gate,
    value: found,
    expect: `>= ${demand.minimum} different reports`,
    hint: demand.hint,
  };
}

function loadableCheck(judged: readonly DrillFile[], { prefix, hint }: ReportDemand): Check {
  const faults = judged.flatMap((file) => file.faults);
  return {
    id: `${prefix}_reports_loadable`,
    ok: faults.length === 0,
    mode: "enforce",
    value: { examined: judged.length, faults: faults.slice(0, 20) },
    expect: "reports that can be read",
    hint: faults[0] === undefined ? hint : `remove or mend ${faults[0]}`,
  };
}

function okCheck(judged: readonly DrillFile[], { prefix, gate, hint }: ReportDemand): Check {
  const failed = judged.filter(({ value }) => value !== undefined && !value.ok);
  return {
    id: `${prefix}_reports_ok`,
    ok: failed.length === 0,
    mode: gate,
    value: { examined: judged.length, failed: failed.map(({ path }) => path) },
    expect: "reports whose verdict is positive",
    hint,
  };
}

function freshCheck(judged: readonly DrillFile[], demand: ReportDemand): Check {
  const { prefix, nowS, maxAgeS, gate, hint } = demand;
  const future = judged.filter((file) => fromFuture(file, nowS));
  const stale = judged.filter((file) => ageOf(file, nowS) > maxAgeS);
  const oldest = Math.max(...judged.map((file) => ageOf(file, nowS)));
  return {
    id: `${prefix}_reports_fresh`,
    ok: future.length + stale.length === 0,
    mode: future.length > 0 ? "enforce" : gate,
    value: {
      examined: judged.length,
      oldest_age_s: Math.round(oldest),
      stale: stale.map(({ path }) => path),
      future: future.map(({ path }) => path),
    },
    expect: `0..${maxAgeS} s old`,
    hint: future.length > 0 ? "compare the clocks of the machines" : hint,
  };
}

/**
 * Count, form, verdict and age of the newest reports of a kind. Where there is no report the last
 * three have nothing to judge and say so; the count has failed then.
 *
 * @param files Newest first.
 */
export function judgeReports(
  files: readonly DrillFile[],
  demand: ReportDemand,
): { judged: DrillFile[]; checks: Check[] } {
  const judged = files.slice(0, demand.minimum);
  const count = countCheck(judged, files.length, demand);
  if (judged.length > 0) {
    const rows = [loadableCheck, okCheck, freshCheck].map((row) => row(judged, demand));
    return { judged, checks: [count, ...rows] };
  }
  const nothing = (name: string): Check =>
    notApplicable(`${demand.prefix}_reports_${name}`, "such a report", "there is no report");
  return { judged, checks: [count, nothing("loadable"), nothing("ok"), nothing("fresh")] };
}
