import type { ReleaseRolloutPolicy } from "../policy/release_rollout_policy.ts";
import { changedChannel, type Channels, type HistoryRow } from "./channels.ts";

/** History in the order of time, words normalised. Positions settle ties. */
export function orderedHistory(store: Channels): HistoryRow[] {
  return store.history
    .map((row) => ({
      ...row,
      action: row.action.trim().toLowerCase(),
      channel: row.channel.trim().toLowerCase(),
    }))
    .sort((a, b) => a.ts - b.ts);
}

/** One change of stable's version with the canary that went before it. */
export interface StableChange {
  row: HistoryRow;
  /** Newest set or rollout of the canary with this version, before the change. */
  evidence: HistoryRow | undefined;
  /** Seconds between the two; null without evidence. */
  observeDeltaS: number | null;
}

const STABLE_ACTIONS = ["set", "promote", "rollback", "init"];
const CANARY_ACTIONS = ["set", "rollout"];

/** Every change of stable's version, oldest first. */
export function stableChanges(rows: readonly HistoryRow[]): StableChange[] {
  return rows.flatMap((row, at) => {
    const changes = changedChannel(row) === "stable" && STABLE_ACTIONS.includes(row.action) &&
      row.to_version !== undefined;
    if (!changes) return [];
    const evidence = rows.slice(0, at).findLast((other) =>
      changedChannel(other) === "canary" && CANARY_ACTIONS.includes(other.action) &&
      other.to_version === row.to_version
    );
    const observeDeltaS = evidence === undefined ? null : row.ts - evidence.ts;
    return [{ row, evidence, observeDeltaS }];
  });
}

/**
 * Whether stable has served its version since before the history began: no row ever changed stable,
 * and the first canary set out from the same version.
 */
export function isBaseline(store: Channels, rows: readonly HistoryRow[]): boolean {
  if (stableChanges(rows).length > 0 || (store.history_archived ?? 0) > 0) return false;
  const first = rows.find((row) => changedChannel(row) === "canary");
  const begin = first === undefined ? store.channels.canary?.version : first.from_version;
  return begin === store.channels.stable?.version;
}

function textOf(row: HistoryRow, key: string): string {
  const value = row[key];
  return typeof value === "string" ? value.trim() : "";
}

/** Whether a row is an emergency that somebody other than its actor has allowed. */
function isApprovedEmergency(row: HistoryRow, keywords: readonly string[]): boolean {
  const words = (row.reason ?? "").toLowerCase().split(/[^a-z0-9]+/);
  const marked = keywords.some((keyword) => words.includes(keyword.toLowerCase()));
  const approver = textOf(row, "approver");
  return marked && approver !== "" && approver !== row.actor && textOf(row, "incident_id") !== "";
}

/** Why a version may have skipped the canary; undefined if nothing allows it. */
export function directSetAllowedBy(
  row: HistoryRow,
  { promotion }: ReleaseRolloutPolicy,
  allowDirect: boolean,
): string | undefined {
  if (allowDirect) return "flag";
  if (promotion.allow_direct_stable_set) return "policy";
  const override = promotion.emergency_overrides.find((candidate) =>
    candidate.version === row.to_version && row.ts <= candidate.expires_at &&
    candidate.approver !== row.actor
  );
  if (override !== undefined) return `emergency override of ${override.approver}`;
  return isApprovedEmergency(row, promotion.direct_stable_reason_keywords)
    ? "approved emergency"
    : undefined;
}
