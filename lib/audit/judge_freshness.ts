import type { Check, Mode } from "../report/check.ts";
import { newestEntry } from "./newest_entry.ts";

/** What freshness is judged by. */
export interface Freshness {
  /** Entries with this `run_id` do not count; empty: all count. */
  runId: string;
  requireLog: boolean;
  /** Seconds; 0: any age. */
  maxAgeS: number;
  nowS: number;
  gate: Mode;
}

/**
 * Whether the log has entries that this run did not write itself, and how old the newest is.
 *
 * @param end Length of the verified part of the log, bytes.
 */
export async function judgeFreshness(
  path: string,
  end: number,
  { runId, requireLog, maxAgeS, nowS, gate }: Freshness,
): Promise<Check[]> {
  if (!requireLog && maxAgeS === 0) return [];
  const newest = await newestEntry(path, end, (entry) => runId === "" || entry["run_id"] !== runId);
  const others = runId === "" ? "" : `, entries of run "${runId}" not counted`;
  const checks: Check[] = [];
  if (requireLog) {
    checks.push({
      id: "audit_log_non_empty",
      ok: newest !== undefined,
      mode: "enforce",
      value: newest === undefined ? 0 : { newest_sequence: newest["seq"] },
      expect: `>= 1 entry${others}`,
      ...(newest === undefined ? { hint: "restore the log of earlier runs" } : {}),
    });
  }
  if (maxAgeS > 0) {
    const ageS = newest === undefined ? null : Math.max(0, nowS - Number(newest["ts"]));
    const ok = ageS !== null && ageS <= maxAgeS;
    checks.push({
      id: "audit_last_entry_fresh",
      ok,
      mode: gate,
      value: ageS === null ? "no entry" : Math.round(ageS * 1000) / 1000,
      expect: `<= ${maxAgeS} s${others}`,
      ...(ok ? {} : { hint: "restore the log of the latest run, or look why nothing is recorded" }),
    });
  }
  return checks;
}

/** Whether the newest entry is not from the future, which would keep it fresh for long. */
export function judgeFuture(lastTs: number, nowS: number, maxSkewS: number): Check {
  const aheadS = Math.round((lastTs - nowS) * 1000) / 1000;
  const ok = aheadS <= maxSkewS;
  return {
    id: "audit_ts_not_future",
    ok,
    mode: "enforce",
    value: Math.max(0, aheadS),
    expect: `<= ${maxSkewS} s ahead of this clock`,
    ...(ok ? {} : { hint: "compare the clocks of this machine and the one that wrote the log" }),
  };
}
