import type { Check } from "../report/check.ts";
import type { StepResult } from "./step_result.ts";

/** Whether a step was really run, now or in the run that is resumed. */
function ran({ status }: StepResult): boolean {
  return status !== "skipped" && status !== "blocked" && status !== "not_reached";
}

/** The checks of a preflight run: one for each step, and that anything ran at all. */
export function judgeRun(results: readonly StepResult[]): Check[] {
  const executed = results.filter(ran);
  const judged = executed.filter(({ status }) => status !== "not_applicable");
  const checks: Check[] = [{
    id: "something_ran",
    ok: judged.length > 0,
    mode: "enforce",
    value: { executed: executed.length, skipped: results.length - executed.length },
    expect: "at least one gate that had something to judge",
    hint: "leave out fewer steps: a run that checks nothing proves nothing",
  }];
  for (const result of results) {
    if (result.status === "skipped" || result.status === "not_reached") continue;
    const warned = result.status === "advisory_failed";
    const failure = result.failures.find((check) => check.mode === "enforce") ?? result.failures[0];
    checks.push({
      id: `step_passed::${result.id}`,
      ok: result.ok && !warned,
      mode: warned ? "warn" : "enforce",
      value: `${result.status}: ${result.headline}`,
      expect: "passed",
      hint: failure?.hint ?? result.reason ??
        `run scripts/${result.script}.ts alone and read what it prints`,
      ...(failure?.location === undefined
        ? {}
        : { location: failure.location as NonNullable<Check["location"]> }),
      ...(result.status === "not_applicable" ? { not_applicable: result.headline } : {}),
    });
  }
  return checks;
}

const WORDS: Record<string, string> = {
  passed: "passed",
  advisory_failed: "with warnings",
  not_applicable: "not applicable",
  failed: "failed",
  timeout: "out of time",
  error: "broken",
  interrupted: "interrupted",
  blocked: "blocked",
  skipped: "skipped",
  not_reached: "not reached",
};

/** A status in words. */
export function statusWords(status: string): string {
  return WORDS[status] ?? status;
}

/** `12 steps: 9 passed, 1 with warnings, 1 failed, 1 blocked`. */
export function countSteps(results: readonly StepResult[]): string {
  const counts = Object.keys(WORDS).map((status) =>
    [status, results.filter((result) => result.status === status).length] as const
  );
  return `${results.length} steps: ${
    counts.filter(([, count]) => count > 0).map(([status, count]) =>
      `${count} ${statusWords(status)}`
    ).join(", ")
  }`;
}
