import { scheduleOf } from "./schedule.ts";
import { type Protocol, simulate } from "./simulate.ts";

/** What a series of schedules showed. */
export interface Series {
  schedules: number;
  kills: number;
  steps: number;
  committed: number;
  compensated: number;
  aborted: number;
  /** First schedules that broke a rule, with the rules. */
  failures: { seed: number; violations: string[] }[];
}

/** Runs seeds `from`..`from + count - 1`; stops after ten failures. */
export async function runSchedules(
  protocol: Protocol,
  { from, count, stopAfter = 10 }: { from: number; count: number; stopAfter?: number },
): Promise<Series> {
  const series: Series = {
    schedules: 0,
    kills: 0,
    steps: 0,
    committed: 0,
    compensated: 0,
    aborted: 0,
    failures: [],
  };
  for (let seed = from; seed < from + count; seed++) {
    const { world, kills, violations } = await simulate(protocol, scheduleOf(seed));
    series.schedules++;
    series.kills += kills;
    series.steps += world.step;
    for (const { state } of world.journal.values()) {
      if (state === "COMMITTED") series.committed++;
      if (state === "COMPENSATED") series.compensated++;
      if (state === "ABORTED") series.aborted++;
    }
    if (violations.length > 0) series.failures.push({ seed, violations });
    if (series.failures.length >= stopAfter) break;
  }
  return series;
}
