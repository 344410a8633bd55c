import { resolve } from "@std/path/resolve";
import type { Context, Outcome } from "../command/command.ts";
import { NotReadyError, UsageError } from "../command/errors.ts";
import { readCodeVersions } from "../governance/versions.ts";
import { describeFault } from "../policy/load.ts";
import { ReleasePolicy } from "../policy/release_policy.ts";
import { candidateId } from "../project/candidate.ts";
import type { Correlation } from "../report/report.ts";
import { stamp } from "../report/artifact.ts";
import { LockBusyError, lockPathFor, withLock } from "../store/lock.ts";
import type { Flag, Values } from "../command/flag.ts";
import { pagePath, writeCompanions } from "./companions.ts";
import { failureLines, LiveList } from "./live.ts";
import { makePlan, type PlannedStep } from "./plan.ts";
import type { Step } from "./registry.ts";
import { ResumableReport, reusableSteps, type RunState, runState } from "./resume.ts";
import { runSteps } from "./run_steps.ts";
import { selectionOf } from "./select.ts";
import { type StepResult, unrunStep } from "./step_result.ts";
import { judgeEnvironmentNames } from "./unknown_names.ts";
import { countSteps, judgeRun } from "./verdict.ts";

/** The flags preflight is run with. */
export interface PreflightFlags {
  quick: boolean;
  list: boolean;
  plan: boolean;
  "print-env": boolean;
  only: string[];
  from: string | undefined;
  until: string | undefined;
  skip: string[];
  "fail-fast": boolean;
  "keep-going": boolean;
  resume: string | undefined;
  "wait-s": number;
  "timeout-s": number | undefined;
  junit: string | undefined;
  [skip: `skip-${string}`]: boolean;
}

/** What preflight is given; declared here so that its parts need not import the script. */
export type PreflightRun =
  & Omit<Context<Record<string, Flag>, undefined>, "flags">
  & { flags: PreflightFlags & Values<Record<string, Flag>> };

/** The ids of this run: all its evidence carries them. */
async function runIds(
  run: PreflightRun,
  resumed: ResumableReport | undefined,
): Promise<Correlation> {
  if (resumed !== undefined) return resumed.correlation;
  const policy = await run.inputs.json("security/release_policy.json", ReleasePolicy);
  const { appVersion } = await readCodeVersions(
    run.root,
    policy.state === "ok" ? policy.value : undefined,
  );
  const { correlation_id, release_candidate_id: explicit } = run.correlation;
  const suffix = crypto.randomUUID().slice(0, 8);
  return {
    correlation_id: correlation_id === "" ? `preflight-${crypto.randomUUID()}` : correlation_id,
    release_candidate_id: candidateId({
      explicit,
      version: appVersion,
      git: await run.git(),
      nowS: run.nowS,
    }),
    run_id: `run-${stamp(run.nowS)}-${suffix}`,
  };
}

interface Resumption {
  earlier: ResumableReport;
  reused: Map<string, StepResult>;
}

async function resumption(run: PreflightRun, state: RunState): Promise<Resumption | undefined> {
  const { resume } = run.flags;
  if (resume === undefined) return undefined;
  const loaded = await run.inputs.json(resume, ResumableReport);
  if (loaded.state !== "ok") {
    const [fault] = loaded.faults;
    throw new UsageError(
      `Cannot resume: ${
        describeFault(loaded.path, fault ?? { pointer: "", message: loaded.state })
      }`,
    );
  }
  const reused = await reusableSteps(run.root, loaded.value, state);
  if (typeof reused === "string") {
    throw new UsageError(
      `Cannot resume ${loaded.path}: ${reused}`,
      "run preflight without --resume",
    );
  }
  return { earlier: loaded.value, reused };
}

/** Left out by choosing others; what was skipped by name is shown. */
function notChosen({ status, reason }: StepResult): boolean {
  return status === "skipped" && reason?.startsWith("--") === false;
}

function headlineOf(results: readonly StepResult[]): string {
  const bad = results.filter(({ ok }) => !ok);
  return bad.length === 0 ? countSteps(results) : `${countSteps(results)}; first: ${bad[0]!.id}`;
}

async function outcomeOf(
  results: readonly StepResult[],
  ids: Correlation,
  state: RunState,
  finished: boolean,
): Promise<Outcome> {
  const checks = [
    ...judgeRun(results),
    ...await judgeEnvironmentNames(Object.keys(Deno.env.toObject())),
  ];
  if (!finished) {
    checks.push({
      id: "run_finished",
      ok: false,
      mode: "enforce",
      value: "still running, or killed",
      expect: "a run to the end",
      hint: "run preflight again, with --resume and this report to keep what passed",
    });
  }
  return {
    checks,
    headline: headlineOf(results),
    fields: { correlation: ids, interrupted: !finished, run_state: state, steps: results },
  };
}

function pending(plan: readonly PlannedStep[], done: readonly StepResult[]): StepResult[] {
  return [
    ...done,
    ...plan.slice(done.length).map((planned) =>
      unrunStep(planned, "not_reached", "not reached yet")
    ),
  ];
}

async function run(steps: readonly Step[], run: PreflightRun): Promise<Outcome> {
  const { flags, root } = run;
  const { selection, waivers } = await selectionOf(steps, run);
  const limited = flags["timeout-s"] === undefined
    ? steps
    : steps.map((step) => ({ ...step, timeoutS: flags["timeout-s"]! }));
  const plan = await makePlan(limited, root, selection, waivers, run.nowS);
  const mode = { quick: selection.quick, strict: selection.strict };
  const state = await runState(root, await run.git(), Deno.env.toObject(), mode);
  const resumed = await resumption(run, state);
  const ids = await runIds(run, resumed?.earlier);
  const terminal = Deno.stderr.isTerminal();
  const color = terminal && !Deno.noColor;
  const width = Math.max(...steps.map((step) => step.id.length));
  const encoder = new TextEncoder();
  const live = new LiveList((line) => {
    if (run.visible) Deno.stderr.writeSync(encoder.encode(line));
  }, { terminal, color, width, total: plan.length });
  run.progress(
    `release preflight of ${ids.release_candidate_id}, ${selection.quick ? "quick" : "full"}${
      selection.strict ? ", strict" : ""
    }, run ${ids.run_id}`,
  );
  await run.checkpoint(await outcomeOf(pending(plan, []), ids, state, false));
  const results = await runSteps(plan, {
    root,
    correlation: ids,
    failFast: flags["fail-fast"],
    signal: run.signal,
    reused: resumed?.reused ?? new Map(),
    onStart: ({ step }) =>
      live.start(step.id, plan.findIndex((planned) => planned.step.id === step.id) + 1),
    onDone: async (result, done) => {
      if (!notChosen(result)) live.done(result);
      await run.checkpoint(await outcomeOf(pending(plan, done), ids, state, false));
    },
  });
  const outcome = await outcomeOf(results, ids, state, !run.signal.aborted);
  return {
    ...outcome,
    after: (written) =>
      writeCompanions(root, written, results, {
        correlation: ids,
        junit: flags.junit,
        jobSummary: run.env("GITHUB_STEP_SUMMARY"),
      }),
    render: (report, color) => [
      "",
      ...failureLines(results, color),
      ...(results.some(({ ok }) => !ok) ? [""] : []),
      `${report.ok ? "passed" : "FAILED"}: ${report.headline}, ${report.duration_s.toFixed(1)} s`,
      ...(report.report_path === undefined
        ? []
        : [`report: ${report.report_path}`, `page:   ${pagePath(report.report_path)}`]),
    ],
  };
}

/** Runs the steps under the workspace's lock: a second preflight waits for the first, or refuses. */
export async function preflight(steps: readonly Step[], context: PreflightRun): Promise<Outcome> {
  const lock = lockPathFor(context.root, resolve(context.root, "preflight"));
  const waitMs = context.flags["wait-s"] * 1000;
  try {
    return await withLock(lock, {
      waitMs,
      purpose: "release_preflight",
      onWait: (holder) =>
        context.progress(`waiting for another preflight in this workspace: ${holder}`),
    }, () => run(steps, context));
  } catch (error) {
    if (!(error instanceof LockBusyError)) throw error;
    throw new NotReadyError(error.message, "wait for it to end, or allow more with --wait-s", {
      cause: error,
    });
  }
}
