import type { MetricsWindow } from "./metrics_window.ts";

/** Which windows count. */
export interface WindowChoice {
  /** Earliest start, epoch seconds; windows before belong to an earlier stage. */
  sinceS: number;
  /** Now, epoch seconds. */
  nowS: number;
  /** The version under analysis; undefined: whichever the windows name. */
  canaryVersion?: string;
}

/** Windows that count, in order, and why the file cannot be trusted, if it cannot. */
export interface WindowSelection {
  windows: MetricsWindow[];
  /** Windows before `sinceS`, and of another canary. */
  earlier: number;
  foreign: number;
  faults: string[];
}

/** A clock of the collector may run this much ahead, seconds. */
const CLOCK_SKEW_S = 5;

function faultsOf(windows: readonly MetricsWindow[], nowS: number): string[] {
  const faults: string[] = [];
  windows.forEach(({ start, end }, at) => {
    const before = windows[at - 1];
    const name = `window ${at + 1} (start ${start})`;
    if (before !== undefined && start < before.end) {
      faults.push(`${name} begins before the window ahead of it ends at ${before.end}`);
    }
    if (end > nowS + CLOCK_SKEW_S) {
      faults.push(`${name} ends ${(end - nowS).toFixed(0)} s in the future`);
    }
  });
  return faults;
}

function versionsOf(windows: readonly MetricsWindow[], group: "canary" | "baseline"): string[] {
  return [...new Set(windows.flatMap((window) => window[group].version ?? []))].sort();
}

/**
 * Picks the windows of this stage and canary.
 *
 * Windows that overlap would count requests twice, and windows of two canaries say nothing about
 * either, so both are faults and not silently dropped.
 */
export function selectWindows(
  windows: readonly MetricsWindow[],
  { sinceS, nowS, canaryVersion }: WindowChoice,
): WindowSelection {
  const faults = faultsOf(windows, nowS);
  const recent = windows.filter(({ start }) => start >= sinceS);
  const own = canaryVersion === undefined
    ? recent
    : recent.filter(({ canary }) => (canary.version ?? canaryVersion) === canaryVersion);
  for (const group of ["canary", "baseline"] as const) {
    const versions = versionsOf(own, group);
    if (versions.length > 1) faults.push(`the ${group} is of versions ${versions.join(", ")}`);
  }
  return {
    windows: own,
    earlier: windows.length - recent.length,
    foreign: recent.length - own.length,
    faults,
  };
}
