import type { ReleaseRolloutPolicy } from "../policy/release_rollout_policy.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import type { Channels, HistoryRow } from "./channels.ts";
import { judgeChannels } from "./judge_channels.ts";
import { policyConsistent } from "./judge_plan.ts";
import {
  directSetAllowedBy,
  isBaseline,
  orderedHistory,
  type StableChange,
  stableChanges,
} from "./stable_lineage.ts";

/** Limits in force and the clock. */
export interface GuardRun {
  expectedVersion: string | undefined;
  maxHistoryAgeS: number;
  minCanaryObserveS: number;
  allowDirectStable: boolean;
  nowS: number;
  gate: Mode;
}

/** What the report shows besides the checks. */
export interface GuardFacts {
  checks: Check[];
  latestTs: number;
  latestAgeS: number | null;
  stableChange: HistoryRow | null;
  canaryEvidence: HistoryRow | null;
  observeDeltaS: number;
}

/** Clocks of two machines may differ by this much, seconds. */
const SKEW_S = 300;
const REGISTRY = "security/release_channels.json";

/** The canary serves a version of its own, to somebody. */
function isInFlight({ channels: { canary, stable } }: Channels): boolean {
  return canary?.version !== stable?.version && (canary?.rollout_percent ?? 0) > 0;
}

function percentChecks(store: Channels, policy: ReleaseRolloutPolicy, gate: Mode): Check[] {
  const { canary, stable } = store.channels;
  const { min_rollout_percent: min, max_rollout_percent: max } = policy.channels.canary;
  const required = policy.channels.stable.required_rollout_percent;
  const percent = canary?.rollout_percent ?? -1;
  const stablePercent = stable?.rollout_percent ?? -1;
  const promoting = canary?.version === stable?.version &&
    policy.stages.stable.includes(stablePercent);
  const id = "canary_rollout_policy_range";
  const expect = `${min}..${max}`;
  return [
    isInFlight(store)
      ? {
        id,
        ok: percent >= min && percent <= max,
        mode: gate,
        value: percent,
        expect,
        hint: "correct the canary's percent, or /channels/canary in the rollout policy",
      }
      : notApplicable(id, expect, "no canary is in flight"),
    {
      id: "stable_rollout_required",
      ok: stablePercent === required || promoting,
      mode: gate,
      value: stablePercent,
      expect: `${required}, or a stage of /stages/stable right after a promotion`,
      hint: "finish the rollout of stable with release_rollout_executor --apply",
    },
  ];
}

function historyChecks(
  store: Channels,
  rows: HistoryRow[],
  policy: ReleaseRolloutPolicy,
  run: GuardRun,
): Check[] {
  const { history } = policy;
  const latest = rows.at(-1)?.ts ?? 0;
  const ageS = run.nowS - latest;
  const expect = `<= ${run.maxHistoryAgeS} s while a rollout is in flight`;
  const lacking = (key: "reason" | "actor"): number[] =>
    rows.flatMap((row, at) => (row[key] ?? "").trim() === "" ? [at] : []);
  const complete = (key: "reason" | "actor", required: boolean): Check[] => {
    const id = `history_${key}_present`;
    if (!required) return [];
    if (rows.length === 0) return [notApplicable(id, `each row has a ${key}`, "history is empty")];
    const missing = lacking(key);
    return [{
      id,
      ok: missing.length === 0,
      mode: run.gate,
      value: { rows: rows.length, without: missing.slice(0, 10) },
      expect: `each row has a ${key}`,
      hint: `record changes with release_channel_control, which demands a ${key}`,
    }];
  };
  return [
    {
      id: "history_min_entries",
      ok: rows.length >= history.min_entries,
      mode: run.gate,
      value: rows.length,
      expect: `>= ${history.min_entries}`,
      hint: "record changes with release_channel_control",
    },
    rows.length > 0 && isInFlight(store)
      ? {
        id: "history_fresh_enough",
        ok: ageS <= run.maxHistoryAgeS,
        mode: run.gate,
        value: Math.round(ageS),
        expect,
        hint: "go on with the rollout, or abort it",
      }
      : notApplicable("history_fresh_enough", expect, "no rollout is in flight"),
    {
      id: "history_not_in_future",
      ok: latest <= run.nowS + SKEW_S,
      mode: "enforce",
      value: Math.max(0, Math.round(latest - run.nowS)),
      expect: `<= ${SKEW_S} s ahead`,
      hint: "compare the clocks of the machines that write the registry",
    },
    ...complete("reason", history.require_reason),
    ...complete("actor", history.require_actor),
  ];
}

function lineageChecks(
  store: Channels,
  rows: HistoryRow[],
  changes: StableChange[],
  policy: ReleaseRolloutPolicy,
  run: GuardRun,
): Check[] {
  if (!policy.promotion.require_canary_for_stable) return [];
  const stable = store.channels.stable?.version;
  const since = run.nowS - policy.promotion.look_back_s;
  const recent = changes.filter(({ row }) => row.ts >= since);
  const direct = recent.filter(({ row }) =>
    row.action === "set" && row.to_version !== row.from_version
  );
  const allowed = (row: HistoryRow): string | undefined =>
    directSetAllowedBy(row, policy, run.allowDirectStable);
  const refused = direct.filter(({ row }) => allowed(row) === undefined);
  const promotions = recent.filter(({ row }) => row.action === "promote");
  const early = promotions.filter(({ row, observeDeltaS }) =>
    (observeDeltaS === null || observeDeltaS < run.minCanaryObserveS) && allowed(row) === undefined
  );
  const baseline = isBaseline(store, rows);
  const observed = `each >= ${run.minCanaryObserveS} s after the last canary stage`;
  const named = changes.some(({ row }) => row.to_version === stable);
  return [
    {
      id: "stable_version_lineage_present",
      ok: named || (baseline && policy.history.allow_initial_equal_without_history),
      mode: run.gate,
      value: { stable, changes: changes.length, baseline },
      expect: "a row that made this version stable, or the version the registry began with",
      hint: `record how ${stable} became stable`,
      location: { file: REGISTRY },
    },
    direct.length === 0
      ? notApplicable("direct_stable_set_allowed", "an approval", "stable was not set directly")
      : {
        id: "direct_stable_set_allowed",
        ok: refused.length === 0,
        mode: run.gate,
        value: direct.map(({ row }) => ({
          ts: row.ts,
          version: row.to_version,
          allowed_by: allowed(row) ?? null,
        })),
        expect: "allowed by policy, flag, an override, or an approved emergency with an incident",
        hint: "add a record to /promotion/emergency_overrides of the rollout policy",
      },
    promotions.length === 0
      ? notApplicable("canary_observation_window_met", observed, "no promotion in the look-back")
      : {
        id: "canary_observation_window_met",
        ok: early.length === 0,
        mode: run.gate,
        value: {
          promotions: promotions.length,
          too_early: early.map(({ row, observeDeltaS }) => ({
            ts: row.ts,
            version: row.to_version,
            observed_s: observeDeltaS,
          })),
        },
        expect: observed,
        hint: "promote through release_rollout_executor, which waits",
      },
  ];
}

function initialCheck(store: Channels, rows: HistoryRow[], policy: ReleaseRolloutPolicy): Check[] {
  if (rows.length > 0) return [];
  const equal = store.channels.canary?.version === store.channels.stable?.version;
  return [{
    id: "initial_state_allowed_without_history",
    ok: equal && policy.history.allow_initial_equal_without_history,
    mode: "warn",
    value: { equal },
    expect: "equal versions, and the policy allows to begin so",
    hint: "record how canary and stable came to differ",
  }];
}

/** The rows of `judgeChannels` that this guard has under its own names, or judges more finely. */
const ELSEWHERE = [
  "channels_present_canary",
  "channels_present_stable",
  "stable_rollout_100",
  "expected_version_present_in_channels",
  "timestamps_monotonic",
  "percent_within_policy",
];

/** Judges whether state and history look like a disciplined rollout. Same input: same checks. */
export function judgeRollout(
  store: Channels,
  policy: ReleaseRolloutPolicy,
  run: GuardRun,
): GuardFacts {
  const rows = orderedHistory(store);
  const changes = stableChanges(rows);
  const { canary, stable } = store.channels;
  const change = changes.findLast(({ row }) => row.to_version === stable?.version);
  const latestTs = rows.at(-1)?.ts ?? 0;
  const expected = run.expectedVersion;
  return {
    latestTs,
    latestAgeS: latestTs > 0 ? run.nowS - latestTs : null,
    stableChange: change?.row ?? null,
    canaryEvidence: change?.evidence ?? null,
    observeDeltaS: Math.max(-1, change?.observeDeltaS ?? -1),
    checks: [
      policyConsistent(policy, run.gate),
      ...judgeChannels(store, { strictMode: run.gate, nowS: run.nowS })
        .filter(({ id }) => !ELSEWHERE.includes(id)),
      ...percentChecks(store, policy, run.gate),
      ...(expected === undefined ? [] : [{
        id: "expected_version_present",
        ok: [canary?.version, stable?.version].includes(expected),
        mode: run.gate,
        value: { canary: canary?.version ?? null, stable: stable?.version ?? null },
        expect: expected,
        hint: "roll the version out with release_rollout_executor",
      }]),
      ...historyChecks(store, rows, policy, run),
      ...lineageChecks(store, rows, changes, policy, run),
      ...initialCheck(store, rows, policy),
    ],
  };
}
