import type { Channels, HistoryRow } from "../../../lib/rollout/channels.ts";

/** When the registries of these tests begin, epoch seconds. */
export const T0 = 1_700_000_000;

/** A row as the executor or the channel control writes it. */
export function row(
  ts: number,
  action: string,
  channel: string,
  from: string,
  to: string,
  extra: Record<string, unknown> = {},
): HistoryRow {
  const who = { reason: "because", actor: "release-bot" };
  return { ts, action, channel, from_version: from, to_version: to, ...who, ...extra };
}

/** A registry with two channels; times follow the newest row. */
export function registry(
  canary: [version: string, percent: number],
  stable: [version: string, percent: number],
  history: HistoryRow[] = [],
): Channels {
  const at = history.at(-1)?.ts ?? T0;
  const channel = ([version, rollout_percent]: [string, number]) => ({
    version,
    rollout_percent,
    updated_at: at,
  });
  return {
    version: 1,
    updated_at: at,
    channels: { canary: channel(canary), stable: channel(stable) },
    history,
  };
}
