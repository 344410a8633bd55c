import type { Check } from "../report/check.ts";
import type { Report } from "../report/report.ts";
import { duration, valueInWords } from "../report/terminal.ts";
import { PAGE_STYLE } from "./page_style.ts";
import type { StepResult } from "./step_result.ts";
import { statusWords } from "./verdict.ts";

/** What a release channel serves, for the page. */
export interface ServedChannel {
  name: string;
  version: string;
  percent: number;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text from outside, safe inside an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const code = (text: string): string => `<code>${escapeHtml(text)}</code>`;

function tone(status: string): string {
  if (status === "passed") return "passed";
  if (status === "advisory_failed") return "warned";
  return ["skipped", "not_reached", "not_applicable"].includes(status) ? "none" : "failed";
}

function failure(result: StepResult, check: Check): string {
  const place = check.location === undefined ? "" : ` in ${
    code(
      check.location.file + (check.location.line === undefined ? "" : `:${check.location.line}`),
    )
  }`;
  return `<div class="failure ${check.mode === "enforce" ? "failed" : "warned"}">
<p><strong>${escapeHtml(result.id)}</strong>: ${code(check.id)}${place} <span class="word">${
    check.mode === "enforce" ? "failed" : "warning"
  }</span></p>
<p>Found ${escapeHtml(valueInWords(check.value, 400))}; expected ${escapeHtml(check.expect)}.</p>
${check.hint === undefined ? "" : `<p class="hint">What to do: ${escapeHtml(check.hint)}</p>`}
</div>`;
}

function failures(steps: readonly StepResult[]): string {
  const rows = steps.flatMap((step) =>
    (step.failures as Check[]).map((check) => ({ step, check }))
  );
  const broken = steps.filter((step) => !step.ok && step.failures.length === 0);
  if (rows.length + broken.length === 0) return "";
  rows.sort((a, b) => Number(a.check.mode === "warn") - Number(b.check.mode === "warn"));
  const said = broken.map((step) =>
    `<div class="failure failed"><p><strong>${escapeHtml(step.id)}</strong> <span class="word">${
      statusWords(step.status)
    }</span>: ${escapeHtml(step.headline)}</p></div>`
  );
  return `<h2>What to do</h2>\n${
    [...said, ...rows.map(({ step, check }) => failure(step, check))].join("\n")
  }`;
}

function stepRows(steps: readonly StepResult[]): string {
  return steps.map((step) =>
    `<tr class="${tone(step.status)}"><th scope="row">${
      escapeHtml(step.id)
    }</th><td><span class="word">${statusWords(step.status)}</span></td><td class="number">${
      step.return_code === null ? "" : duration(step.duration_s)
    }</td><td>${escapeHtml(step.headline)}</td></tr>`
  ).join("\n");
}

function evidenceRows(steps: readonly StepResult[]): string {
  return steps.filter((step) => step.report_path !== undefined).map((step) =>
    `<tr><th scope="row">${escapeHtml(step.id)}</th><td>${code(step.report_path!)}</td><td>${
      code(step.report_sha256 ?? "")
    }</td></tr>`
  ).join("\n");
}

function channelRows(channels: readonly ServedChannel[]): string {
  if (channels.length === 0) return "";
  const rows = channels.map(({ name, version, percent }) => {
    const width = Math.min(100, Math.max(0, percent));
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${
      code(version)
    }</td><td class="number">${percent} %</td><td><div class="track" role="img" aria-label="${percent} percent"><div style="width:${width}%"></div></div></td></tr>`;
  });
  return `<h2>Channels</h2>\n<table><thead><tr><th scope="col">channel</th><th scope="col">version</th><th scope="col" class="number">share</th><td></td></tr></thead><tbody>\n${
    rows.join("\n")
  }\n</tbody></table>`;
}

/**
 * A preflight run as one self-contained page: the verdict first, then what to do, then everything
 * else. It loads nothing and runs no script, so it can be kept as evidence and opened years later.
 */
export function toPage(
  report: Report,
  steps: readonly StepResult[],
  channels: readonly ServedChannel[],
): string {
  const word = report.ok ? report.clean ? "passed" : "passed, with warnings" : "failed";
  const shade = report.ok ? report.clean ? "passed" : "warned" : "failed";
  const { release_candidate_id: candidate, run_id: run } = report.correlation;
  const facts: [string, string][] = [
    ["candidate", candidate],
    [
      "commit",
      `${report.git.commit || "none"}${
        report.git.dirty === true ? ", with uncommitted changes" : ""
      }`,
    ],
    ["run", run],
    ["ended", new Date(report.ended_at * 1000).toISOString()],
    ["took", duration(report.duration_s)],
    ["report", report.report_path ?? ""],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Release preflight ${escapeHtml(candidate)}: ${word}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<div class="verdict ${shade}">
<h1>Release preflight <span class="word">${word}</span></h1>
<div>${escapeHtml(report.headline)}</div>
<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${code(value)}</dd>`).join("")}</dl>
</div>
${failures(steps)}
<h2>Steps</h2>
<div class="wide"><table class="steps">
<thead><tr><th scope="col">step</th><th scope="col">verdict</th><th scope="col" class="number">time</th><th scope="col">most important fact</th></tr></thead>
<tbody>
${stepRows(steps)}
</tbody></table></div>
${channelRows(channels)}
<h2>Evidence</h2>
<div class="wide"><table>
<thead><tr><th scope="col">step</th><th scope="col">report</th><th scope="col">SHA-256</th></tr></thead>
<tbody>
${evidenceRows(steps)}
</tbody></table></div>
<footer>${escapeHtml(report.tool.name)} ${escapeHtml(report.tool.version)}, Deno ${
    escapeHtml(report.tool.deno)
  }. The digests are those of the report files; the sealed manifest binds them to the candidate.</footer>
</main>
</body>
</html>
`;
}
