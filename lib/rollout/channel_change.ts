import type { Channel, Channels } from "./channels.ts";
import { isSemver } from "../project/semver.ts";

/** Why an operation on the registry is refused. Closed set, shown to operators and used by tests. */
export type ChannelRule =
  | "channel_unknown"
  | "channels_equal"
  | "version_invalid"
  | "percent_invalid"
  | "reason_missing"
  | "actor_missing"
  | "frozen"
  | "not_frozen"
  | "until_not_future"
  | "no_change"
  | "source_version_differs"
  | "observation_too_short"
  | "source_percent_too_low"
  | "no_rollback_target"
  | "rollback_target_unknown"
  | "rollback_target_not_lower";

/** An operation breaks a rule of the registry; nothing was changed. */
export class ChannelRuleError extends Error {
  override name = "ChannelRuleError";
  constructor(readonly rule: ChannelRule, action: string, detail: string) {
    super(`Cannot ${action}: ${detail}`);
  }
}

/** Who changes the registry, why and when. */
export interface ChangeBy {
  reason: string;
  actor: string;
  /** Epoch seconds. Rows never go backwards: an earlier clock repeats the newest row's time. */
  nowS: number;
  /** Further fields of the history row, such as `correlation_id`. */
  extra?: Record<string, unknown>;
}

/** The highest percent; the only one a `stable` channel has after set, promote and rollback. */
export const WHOLE = 100;

/** @throws {ChannelRuleError} If not `ok`. */
export function demand(ok: boolean, rule: ChannelRule, action: string, detail: () => string): void {
  if (!ok) throw new ChannelRuleError(rule, action, detail());
}

/** @throws {ChannelRuleError} If reason or actor is blank. */
export function demandWho({ reason, actor }: ChangeBy, action: string): void {
  demand(reason.trim() !== "", "reason_missing", action, () => "reason is blank");
  demand(actor.trim() !== "", "actor_missing", action, () => "actor is blank");
}

/** @throws {ChannelRuleError} If the registry has no such channel. */
export function channelOf(store: Channels, name: string, action: string): Channel {
  const channel = Object.hasOwn(store.channels, name) ? store.channels[name] : undefined;
  if (channel !== undefined) return channel;
  const known = Object.keys(store.channels).join(", ");
  const detail = `channel "${name}" is unknown, known: ${known === "" ? "none" : known}`;
  throw new ChannelRuleError("channel_unknown", action, detail);
}

/** @throws {ChannelRuleError} If it is not a SemVer 2.0.0 version. */
export function demandVersion(version: string, action: string): void {
  const detail = (): string => `"${version}" is not a SemVer 2.0.0 version`;
  demand(isSemver(version), "version_invalid", action, detail);
}

/** Whether a freeze is in force at `nowS`, epoch seconds. */
export function isFrozen(store: Channels, nowS: number): boolean {
  const { freeze } = store;
  return freeze !== undefined && (freeze.until === null || nowS < freeze.until);
}

/** @throws {ChannelRuleError} If a freeze is in force. */
export function demandThawed(store: Channels, nowS: number, action: string): void {
  const { freeze } = store;
  demand(!isFrozen(store, nowS), "frozen", action, () => {
    const until = freeze?.until === null ? "lifted" : `epoch second ${freeze?.until}`;
    return `channels are frozen until ${until} by ${freeze?.actor}: ${freeze?.reason}`;
  });
}

/** Appends a row; its time is not before that of the newest row. */
export function withRow(
  store: Channels,
  row: { action: string; channel: string; from_version: string; to_version: string },
  by: ChangeBy,
): Channels {
  const newest = store.history.at(-1)?.ts ?? 0;
  const ts = Math.max(by.nowS, newest);
  const { reason, actor, extra = {} } = by;
  return { ...store, history: [...store.history, { ...extra, ts, ...row, reason, actor }] };
}

/** The time rows written now get; channel times follow it. */
function rowTime(store: Channels, { nowS }: ChangeBy): number {
  return Math.max(nowS, store.history.at(-1)?.ts ?? 0);
}

/**
 * A canary that idled on stable's version, or now does, takes no part in the new state: its percent
 * becomes 0. Otherwise a rollback of stable would hand its traffic to the very version it flees,
 * and the next canary would start at the percent where the last one ended.
 */
function retireCanary(store: Channels, stableBefore: string): Channels {
  const { canary, stable } = store.channels;
  if (canary === undefined || canary.rollout_percent === 0) return store;
  if (canary.version !== stableBefore && canary.version !== stable?.version) return store;
  const retired = { ...canary, rollout_percent: 0 };
  return { ...store, channels: { ...store.channels, canary: retired } };
}

/** A new state of one channel. */
export interface ChannelChange {
  channel: string;
  version: string;
  percent: number;
  /** The row's `action`. */
  action: string;
  /** The row's `channel`, when it is not the channel itself: `canary->stable`. */
  label?: string;
}

/**
 * Changes a channel and appends its history row. When `stable` changes its version, a canary that
 * serves the old or the new one is retired to 0 percent.
 *
 * The rules are the caller's: `setVersion` and its siblings check theirs, the rollout executor
 * those of its plan.
 *
 * @throws {ChannelRuleError} If the registry has no such channel.
 */
export function changeChannel(
  store: Channels,
  { channel, version, percent, action, label = channel }: ChannelChange,
  by: ChangeBy,
): Channels {
  const before = channelOf(store, channel, action);
  const updated_at = rowTime(store, by);
  const after = { ...before, version, rollout_percent: percent, updated_at };
  const changed = { ...store, channels: { ...store.channels, [channel]: after } };
  const quiet = channel === "stable" && version !== before.version
    ? retireCanary(changed, before.version)
    : changed;
  const row = { action, channel: label, from_version: before.version, to_version: version };
  return withRow(quiet, row, by);
}
