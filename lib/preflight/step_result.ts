import { z } from "zod";
import { CheckRow, Report } from "../report/report.ts";
import type { Check } from "../report/check.ts";
import { sha256Hex } from "../store/digest.ts";
import type { ChildEnd } from "./child.ts";
import type { PlannedStep } from "./plan.ts";

/**
 * How a step ended. `advisory_failed`: it passed, but warnings failed. `blocked`: a step that it
 * needs failed. `error`: it broke, or its report and exit code disagree.
 */
export const StepStatus = z.enum([
  "passed",
  "advisory_failed",
  "not_applicable",
  "failed",
  "timeout",
  "error",
  "interrupted",
  "blocked",
  "skipped",
  "not_reached",
]);
export type StepStatus = z.output<typeof StepStatus>;

/** A step in the preflight report. */
export const StepResult = z.object({
  id: z.string(),
  script: z.string(),
  status: StepStatus,
  ok: z.boolean(),
  return_code: z.int().nullable().describe("Null when it did not run"),
  duration_s: z.number().min(0),
  command: z.array(z.string()),
  cwd: z.string(),
  headline: z.string().describe("Its single most important fact"),
  reason: z.string().optional().describe("Why it did not run, or broke"),
  failures: z.array(CheckRow).describe("Its failed checks"),
  report_path: z.string().optional(),
  report_sha256: z.string().optional(),
  report_kind: z.string().optional(),
  report_clean: z.boolean().optional(),
  stderr_tail: z.string().optional(),
  reused: z.boolean().optional().describe("Taken over from the resumed run"),
  waiver: z.object({ step: z.string(), owner: z.string(), reason: z.string(), expires: z.string() })
    .optional(),
});
export type StepResult = z.output<typeof StepResult>;

/** The part of a child's stderr that is kept when it broke, characters. */
const TAIL = 2_000;

/** A step that has not run, with the reason. */
export function unrunStep(planned: PlannedStep, status: StepStatus, reason: string): StepResult {
  const { step, command, waiver } = planned;
  return {
    id: step.id,
    script: step.script,
    status,
    ok: status === "skipped" || status === "not_reached",
    return_code: null,
    duration_s: 0,
    command,
    cwd: ".",
    headline: reason,
    reason,
    failures: [],
    ...(waiver === undefined ? {} : { waiver }),
  };
}

/** The report on a child's stdout; a reason in words when there is none that can be trusted. */
async function readBack(
  stdout: string,
  root: string,
): Promise<{ report: Report; sha256: string | undefined } | string> {
  let report: Report;
  try {
    report = Report.parse(JSON.parse(stdout));
  } catch (error) {
    return stdout.trim() === ""
      ? "it printed no report"
      : `its report is malformed: ${(error as Error).message.slice(0, 200)}`;
  }
  if (report.report_path === undefined) return { report, sha256: undefined };
  const written = await Deno.readTextFile(`${root}/${report.report_path}`);
  return written === stdout
    ? { report, sha256: await sha256Hex(written) }
    : "its report file differs from what it printed";
}

function statusOf(report: Report): StepStatus {
  if (!report.ok) return report.exit_code === 2 ? "failed" : "error";
  if (!report.clean) return "advisory_failed";
  const { total, not_applicable } = report.summary;
  return total > 0 && total === not_applicable ? "not_applicable" : "passed";
}

/**
 * Judges how a step ended from its exit code and its report together; where they disagree, the
 * step broke: a child that exits 0 with a negative report, or without one, has not passed.
 */
export async function judgeChild(
  planned: PlannedStep,
  end: ChildEnd,
  root: string,
  durationS: number,
): Promise<StepResult> {
  const base = {
    ...unrunStep(planned, "error", ""),
    return_code: end.code,
    duration_s: Math.round(durationS * 1000) / 1000,
  };
  const tail = end.stderr.slice(-TAIL).trim();
  const broken = (status: StepStatus, reason: string): StepResult => ({
    ...base,
    status,
    ok: false,
    headline: reason,
    reason,
    ...(tail === "" ? {} : { stderr_tail: tail }),
  });
  if (end.stopped === "timeout") {
    return broken("timeout", `not done after ${planned.step.timeoutS} s`);
  }
  const back = await readBack(end.stdout, root);
  if (typeof back === "string") {
    return end.stopped === undefined
      ? broken("error", `exit ${end.code}: ${back}`)
      : broken("interrupted", "interrupted");
  }
  const { report, sha256 } = back;
  const status = end.stopped === undefined ? statusOf(report) : "interrupted";
  const agrees = report.exit_code === end.code && report.ok === (end.code === 0);
  return {
    ...base,
    status: agrees || end.stopped !== undefined ? status : "error",
    ok: agrees && report.ok && end.stopped === undefined,
    headline: agrees
      ? report.headline
      : `exit ${end.code} disagrees with its report (ok: ${report.ok}, exit_code: ${report.exit_code})`,
    failures: report.checks.filter((check) => !check.ok) as Check[],
    report_kind: report.kind,
    report_clean: report.clean,
    ...(report.report_path === undefined ? {} : { report_path: report.report_path }),
    ...(sha256 === undefined ? {} : { report_sha256: sha256 }),
    ...(status === "error" && tail !== "" ? { stderr_tail: tail } : {}),
  };
}
