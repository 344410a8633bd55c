import { duration, plain } from "../report/terminal.ts";
import type { StepResult } from "./step_result.ts";
import { countSteps, statusWords } from "./verdict.ts";

const cell = (text: string): string => plain(text).replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** A run as Markdown, for the job summary of GitHub Actions. */
export function toMarkdown(
  headline: string,
  results: readonly StepResult[],
  reportPath: string | undefined,
): string {
  const rows = results.map((result) =>
    `| ${result.ok ? "" : "**"}${result.id}${result.ok ? "" : "**"} | ${
      statusWords(result.status)
    } | ${result.return_code === null ? "" : duration(result.duration_s)} | ${
      cell(result.headline)
    } |`
  );
  const hints = results.filter(({ ok }) => !ok).flatMap((result) =>
    result.failures.filter(({ hint, mode }) => hint !== undefined && mode === "enforce")
      .map(({ id, hint }) => `- \`${result.id}\` ${cell(id)}: ${cell(hint ?? "")}`)
  );
  return [
    `## Release preflight: ${cell(headline)}`,
    "",
    "| step | verdict | time | fact |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    ...(hints.length === 0 ? [] : ["### What to do", "", ...hints, ""]),
    countSteps(results) + (reportPath === undefined ? "" : `; report \`${reportPath}\``),
    "",
  ].join("\n");
}
