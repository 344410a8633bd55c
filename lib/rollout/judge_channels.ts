import type { Check, Mode } from "../report/check.ts";
import { changedChannel, type Channels } from "./channels.ts";
import { isSemver } from "../project/semver.ts";
import { compareVersions } from "../project/semver.ts";

/** What of the rollout policy concerns the registry alone. */
export interface PercentPolicy {
  channels: {
    canary: { min_rollout_percent: number; max_rollout_percent: number };
    stable: { required_rollout_percent: number };
  };
}

/** How to judge. */
export interface JudgeChannels {
  /** Version that some channel must serve; no check without it. */
  expectedVersion?: string;
  /** Mode of checks that only strict runs enforce. */
  strictMode: Mode;
  rolloutPolicy?: PercentPolicy;
  /** Epoch seconds; with it, times in the future are found. */
  nowS?: number;
}

/** Clocks of two machines may differ by this much, seconds. */
const SKEW_S = 300;

const SET_HINT =
  'release_channel_control set --channel NAME --version X.Y.Z --reason "..." --actor NAME';

/** Present, a SemVer version, an integer 0..100: for one channel the toolkit relies on. */
function soundness(store: Channels, name: "canary" | "stable"): Check[] {
  const channel = Object.hasOwn(store.channels, name) ? store.channels[name] : undefined;
  const percent = channel?.rollout_percent ?? null;
  const inRange = percent !== null && Number.isInteger(percent) && percent >= 0 && percent <= 100;
  return [
    {
      id: `channels_present_${name}`,
      ok: channel !== undefined,
      mode: "enforce",
      value: Object.keys(store.channels),
      expect: `a channel named ${name}`,
      hint: `add channels.${name} to the registry`,
    },
    {
      id: `${name}_version_semver`,
      ok: channel !== undefined && isSemver(channel.version),
      mode: "enforce",
      value: channel?.version ?? null,
      expect: "a SemVer 2.0.0 version",
      hint: SET_HINT,
    },
    {
      id: `${name}_rollout_range`,
      ok: inRange,
      mode: "enforce",
      value: percent,
      expect: "an integer 0..100",
      hint: `correct channels.${name}.rollout_percent`,
    },
  ];
}

function otherChannels(store: Channels): Check[] {
  const others = Object.entries(store.channels)
    .filter(([name]) => name !== "canary" && name !== "stable");
  if (others.length === 0) return [];
  const bad = others.filter(([, { version, rollout_percent: percent }]) =>
    !isSemver(version) || !Number.isInteger(percent) || percent < 0 || percent > 100
  );
  return [{
    id: "other_channels_sound",
    ok: bad.length === 0,
    mode: "enforce",
    value: { channels: others.length, bad: bad.map(([name]) => name) },
    expect: "each with a SemVer version and an integer percent 0..100",
    hint: SET_HINT,
  }];
}

/**
 * Replays history: the newest row of each channel must name the version it serves.
 *
 * With no row for any channel the registry explains nothing, which is right only at the very
 * start, when canary and stable serve the same version.
 */
function historyMatches(store: Channels, mode: Mode): Check {
  const claimed = new Map<string, string>();
  for (const row of store.history) {
    if (row.to_version) claimed.set(changedChannel(row), row.to_version);
  }
  const mismatches = [...claimed]
    .filter(([name, version]) => store.channels[name]?.version !== version)
    .map(([name, history]) => ({
      channel: name,
      history,
      registry: store.channels[name]?.version,
    }));
  const initial = claimed.size === 0 &&
    store.channels.canary?.version === store.channels.stable?.version;
  return {
    id: "history_matches_channels",
    ok: initial || (claimed.size > 0 && mismatches.length === 0),
    mode,
    value: { rows: store.history.length, channels_replayed: claimed.size, mismatches },
    expect: "replayed history yields the versions the channels serve",
    hint: "the registry was edited by hand: restore it, or record the change with " +
      "release_channel_control set",
  };
}

function timesMonotonic(store: Channels, mode: Mode, nowS: number | undefined): Check {
  const times = store.history.map((row) => row.ts);
  const backwards = times.flatMap((ts, at) => at > 0 && ts < (times[at - 1] ?? 0) ? [at] : []);
  const newest = Math.max(
    store.updated_at,
    ...times,
    ...Object.values(store.channels).map((channel) => channel.updated_at),
  );
  const aheadS = nowS === undefined ? 0 : Math.max(0, newest - nowS);
  return {
    id: "timestamps_monotonic",
    ok: backwards.length === 0 && newest <= store.updated_at && aheadS <= SKEW_S,
    mode,
    value: { rows: times.length, backwards, newest, updated_at: store.updated_at, ahead_s: aheadS },
    expect: `rows in order, none after updated_at, none more than ${SKEW_S} s ahead`,
    hint: "compare the clocks of the machines that write the registry",
  };
}

/** A canary that serves what stable serves takes no traffic of its own, so any percent is fine. */
function percentsWithinPolicy(store: Channels, mode: Mode, policy: PercentPolicy): Check {
  const { canary, stable } = store.channels;
  const { min_rollout_percent: min, max_rollout_percent: max } = policy.channels.canary;
  const required = policy.channels.stable.required_rollout_percent;
  const percent = canary?.rollout_percent ?? -1;
  const idle = canary?.version === stable?.version;
  const aborted = percent === 0;
  return {
    id: "percent_within_policy",
    ok: (idle || aborted || (percent >= min && percent <= max)) &&
      stable?.rollout_percent === required,
    mode,
    value: { canary: percent, stable: stable?.rollout_percent ?? null },
    expect: `canary ${min}..${max} (or 0, or idle), stable ${required}`,
    hint: "correct the percent, or channels.* in security/release_rollout_policy.json",
  };
}

/** Same registry, same options: same checks. Touches nothing. */
export function judgeChannels(
  store: Channels,
  { expectedVersion, strictMode, rolloutPolicy, nowS }: JudgeChannels,
): Check[] {
  const { canary, stable } = store.channels;
  const comparable = canary !== undefined && stable !== undefined &&
    isSemver(canary.version) && isSemver(stable.version);
  return [
    ...soundness(store, "canary"),
    ...soundness(store, "stable"),
    ...otherChannels(store),
    {
      id: "stable_rollout_100",
      ok: stable?.rollout_percent === 100,
      mode: strictMode,
      value: stable?.rollout_percent ?? null,
      expect: "100",
      hint: "finish the rollout of stable, or roll back",
    },
    ...(expectedVersion === undefined ? [] : [{
      id: "expected_version_present_in_channels",
      ok: [canary?.version, stable?.version].includes(expectedVersion),
      mode: strictMode,
      value: { canary: canary?.version ?? null, stable: stable?.version ?? null },
      expect: expectedVersion,
      hint: SET_HINT,
    }]),
    {
      id: "canary_not_older_than_stable",
      ok: comparable && compareVersions(canary.version, stable.version) >= 0,
      mode: strictMode,
      value: { canary: canary?.version ?? null, stable: stable?.version ?? null },
      expect: "canary >= stable by SemVer precedence",
      hint: SET_HINT,
    },
    historyMatches(store, strictMode),
    timesMonotonic(store, strictMode, nowS),
    ...(rolloutPolicy === undefined
      ? []
      : [percentsWithinPolicy(store, strictMode, rolloutPolicy)]),
  ];
}
