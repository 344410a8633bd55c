import {
  type ChangeBy,
  changeChannel,
  channelOf,
  ChannelRuleError,
  demand,
  demandThawed,
  demandVersion,
  demandWho,
  WHOLE,
  withRow,
} from "./channel_change.ts";
import { changedChannel, type Channels, type HistoryRow } from "./channels.ts";
import { isSemver } from "../project/semver.ts";
import { compareVersions } from "../project/semver.ts";

/**
 * Sets the version of a channel, and its percent if given. `stable` always gets 100 percent.
 *
 * @throws {ChannelRuleError} If frozen, or channel, version, percent, reason or actor is bad, or
 * nothing would change.
 */
export function setVersion(
  store: Channels,
  { channel, version, rolloutPercent, ...by }:
    & { channel: string; version: string; rolloutPercent?: number }
    & ChangeBy,
): Channels {
  const action = `set channel "${channel}"`;
  const before = channelOf(store, channel, action);
  demandWho(by, action);
  demandVersion(version, action);
  demandThawed(store, by.nowS, action);
  const percent = channel === "stable" ? WHOLE : rolloutPercent ?? before.rollout_percent;
  const sound = Number.isInteger(percent) && percent >= 0 && percent <= WHOLE;
  demand(sound, "percent_invalid", action, () => `percent is ${percent}, must be 0..100`);
  const same = before.version === version && before.rollout_percent === percent;
  demand(!same, "no_change", action, () => `it serves ${version} at ${percent} percent already`);
  return changeChannel(store, { channel, version, percent, action: "set" }, by);
}

/** What a promotion must have shown first; taken from the rollout policy. */
export interface Bake {
  /** Seconds the source must have served the version without a change. */
  minObserveS: number;
  /** Percent the source must have reached. */
  minPercent: number;
}

function demandBaked(store: Channels, source: string, bake: Bake, nowS: number): void {
  const action = `promote channel "${source}"`;
  const { updated_at, rollout_percent } = channelOf(store, source, action);
  const observedS = updated_at > 0 ? nowS - updated_at : -1;
  demand(
    observedS >= bake.minObserveS,
    "observation_too_short",
    action,
    () => `observed for ${Math.max(0, Math.floor(observedS))} s, must be ${bake.minObserveS} s`,
  );
  demand(
    rollout_percent >= bake.minPercent,
    "source_percent_too_low",
    action,
    () => `it is at ${rollout_percent} percent, must be ${bake.minPercent}`,
  );
}

/**
 * Copies the source's version to the target. A `stable` target gets 100 percent.
 *
 * @param change.version Must be the source's version; with `overrideVersion` it need not be, and
 * the row records that.
 * @param change.bake Checked when given.
 * @throws {ChannelRuleError} If frozen, not baked, or source, target or version is wrong.
 */
export function promote(
  store: Channels,
  { source = "canary", target = "stable", version, overrideVersion = false, bake, ...by }:
    & {
      source?: string;
      target?: string;
      version?: string;
      overrideVersion?: boolean;
      bake?: Bake;
    }
    & ChangeBy,
): Channels {
  const action = `promote channel "${source}" to "${target}"`;
  demand(source !== target, "channels_equal", action, () => "source and target are the same");
  const from = channelOf(store, source, action);
  const to = channelOf(store, target, action);
  demandWho(by, action);
  const wanted = version ?? from.version;
  demandVersion(wanted, action);
  demandThawed(store, by.nowS, action);
  const differs = wanted !== from.version;
  const detail = (): string => `${source} serves ${from.version}, not ${wanted}`;
  demand(!differs || overrideVersion, "source_version_differs", action, detail);
  if (bake !== undefined) demandBaked(store, source, bake, by.nowS);
  const percent = target === "stable" ? WHOLE : to.rollout_percent;
  const same = to.version === wanted && to.rollout_percent === percent;
  demand(!same, "no_change", action, () => `${target} serves ${wanted} already`);
  const extra = { ...by.extra, ...(differs ? { override: "source_version_differs" } : {}) };
  const label = `${source}->${target}`;
  const change = { channel: target, version: wanted, percent, action: "promote", label };
  return changeChannel(store, change, { ...by, extra });
}

/**
 * Versions a channel has served according to its history, oldest first, each at its last
 * appearance, without the current one.
 *
 * @param archived Rows that have left the registry (`readHistoryArchive`).
 */
export function servedBefore(
  store: Channels,
  channel: string,
  archived: readonly HistoryRow[] = [],
): string[] {
  const current = store.channels[channel]?.version;
  const served = new Set<string>();
  for (const row of [...archived, ...store.history]) {
    if (changedChannel(row) !== channel) continue;
    for (const version of [row.from_version, row.to_version]) {
      if (version === undefined || !isSemver(version)) continue;
      served.delete(version);
      served.add(version);
    }
  }
  return [...served].filter((version) => version !== current);
}

/**
 * Sets a channel back to a version it has served before. Allowed while frozen: the way back stays
 * open. A `stable` channel gets 100 percent.
 *
 * @param change.toVersion Default: the version served last that is lower than the current one.
 * @param change.allowUnknown Accept a version the channel is not known to have served.
 * @param change.allowForward Accept a version that is not lower.
 * @throws {ChannelRuleError} If there is no such version, or it is unknown or not lower.
 */
export function rollback(
  store: Channels,
  { channel = "stable", toVersion, allowUnknown = false, allowForward = false, archived, ...by }:
    & {
      channel?: string;
      toVersion?: string;
      allowUnknown?: boolean;
      allowForward?: boolean;
      archived?: readonly HistoryRow[];
    }
    & ChangeBy,
): Channels {
  const action = `roll back channel "${channel}"`;
  const before = channelOf(store, channel, action);
  demandWho(by, action);
  demandVersion(before.version, action);
  const served = servedBefore(store, channel, archived);
  const isLower = (version: string): boolean => compareVersions(version, before.version) < 0;
  const target = toVersion ?? served.findLast(isLower);
  if (target === undefined) {
    const detail = `history has no version below ${before.version}`;
    throw new ChannelRuleError("no_rollback_target", action, detail);
  }
  demandVersion(target, action);
  const known = allowUnknown || served.includes(target);
  const lower = allowForward || isLower(target);
  const current = before.version;
  demand(target !== current, "no_change", action, () => `it serves ${target} already`);
  demand(known, "rollback_target_unknown", action, () => `${target} was never served there`);
  demand(lower, "rollback_target_not_lower", action, () => `${target} is not below ${current}`);
  const overrides = [
    ...(served.includes(target) ? [] : ["rollback_target_unknown"]),
    ...(isLower(target) ? [] : ["rollback_target_not_lower"]),
  ];
  const extra = {
    ...by.extra,
    ...(overrides.length === 0 ? {} : { override: overrides.join(" ") }),
  };
  const percent = channel === "stable" ? WHOLE : before.rollout_percent;
  const change = { channel, version: target, percent, action: "rollback" };
  return changeChannel(store, change, { ...by, extra });
}

/**
 * Forbids set, promote and rollouts until a time, or until lifted.
 *
 * @param change.untilS Epoch seconds in the future, or null for "until lifted".
 * @throws {ChannelRuleError} If `untilS` is not in the future, or reason or actor is blank.
 */
export function freeze(
  store: Channels,
  { untilS, ...by }: { untilS: number | null } & ChangeBy,
): Channels {
  const action = "freeze channels";
  demandWho(by, action);
  const future = untilS === null || untilS > by.nowS;
  demand(future, "until_not_future", action, () => `${untilS} is not after ${by.nowS}`);
  const frozen = { since: by.nowS, until: untilS, reason: by.reason, actor: by.actor };
  const extra = { ...by.extra, until: untilS };
  const row = { action: "freeze", channel: "*", from_version: "", to_version: "" };
  return withRow({ ...store, freeze: frozen }, row, { ...by, extra });
}

/**
 * Lifts a freeze.
 *
 * @throws {ChannelRuleError} If nothing is frozen, or reason or actor is blank.
 */
export function unfreeze(store: Channels, by: ChangeBy): Channels {
  const action = "unfreeze channels";
  demandWho(by, action);
  demand(store.freeze !== undefined, "not_frozen", action, () => "they are not frozen");
  const { freeze: _lifted, ...rest } = store;
  const row = { action: "unfreeze", channel: "*", from_version: "", to_version: "" };
  return withRow(rest as Channels, row, by);
}
