import type { Correlation } from "../report/report.ts";
import { runChild } from "./child.ts";
import type { PlannedStep } from "./plan.ts";
import { judgeChild, type StepResult, unrunStep } from "./step_result.ts";

/** What the loop is given besides the plan. */
export interface RunOptions {
  root: string;
  correlation: Correlation;
  failFast: boolean;
  signal: AbortSignal;
  /** Results of an earlier run that may stand for a step. */
  reused: ReadonlyMap<string, StepResult>;
  onStart: (planned: PlannedStep) => void;
  /** Called after each step, in order, with all results so far. */
  onDone: (result: StepResult, results: readonly StepResult[]) => Promise<void>;
}

const BAD = new Set(["failed", "timeout", "error", "interrupted", "blocked"]);

function missingNeeds(planned: PlannedStep, results: readonly StepResult[]): string[] {
  const { needs } = planned.step;
  if (needs === undefined) return [];
  return results.filter((result) => needs === "all" || needs.includes(result.id))
    .filter((result) => BAD.has(result.status)).map((result) => result.id);
}

/** Environment of a child: the ids that bind its evidence to this run, and the marker of its step. */
function childEnvironment({ correlation }: RunOptions, id: string): Record<string, string> {
  return {
    WA_RELEASE_RUN_ID: correlation.run_id,
    WA_RELEASE_CORRELATION_ID: correlation.correlation_id,
    WA_RELEASE_CANDIDATE_ID: correlation.release_candidate_id,
    WA_RELEASE_STEP: `${correlation.run_id}/${id}`,
    NO_COLOR: "1",
  };
}

async function runStep(planned: PlannedStep, options: RunOptions): Promise<StepResult> {
  const { root, signal } = options;
  const env = childEnvironment(options, planned.step.id);
  const start = performance.now();
  const end = await runChild(planned.command, {
    cwd: root,
    env,
    timeoutMs: planned.step.timeoutS * 1000,
    signal,
    marker: `WA_RELEASE_STEP=${env["WA_RELEASE_STEP"]}`,
  });
  return await judgeChild(planned, end, root, (performance.now() - start) / 1000);
}

/**
 * Runs the planned steps one after another and collects every result. Keeps going after a failure,
 * except that a step is blocked when one whose output it needs failed.
 */
export async function runSteps(
  plan: readonly PlannedStep[],
  options: RunOptions,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const planned of plan) {
    const blockers = missingNeeds(planned, results);
    const reused = options.reused.get(planned.step.id);
    let result: StepResult;
    if (!planned.run) result = unrunStep(planned, "skipped", planned.reason ?? "skipped");
    else if (options.signal.aborted) {
      result = unrunStep(planned, "not_reached", "the run was interrupted");
    } else if (options.failFast && results.some(({ status }) => BAD.has(status))) {
      result = unrunStep(planned, "not_reached", "an earlier step failed (--fail-fast)");
    } else if (blockers.length > 0) {
      result = unrunStep(planned, "blocked", `needs ${blockers.join(", ")}`);
    } else if (reused !== undefined) {
      result = { ...reused, reused: true };
    } else {
      options.onStart(planned);
      result = await runStep(planned, options);
    }
    results.push(result);
    await options.onDone(result, results);
  }
  return results;
}
