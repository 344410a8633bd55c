import type { Check, Finding } from "./check.ts";
import type { Report } from "./report.ts";

/** Wraps text in an escape sequence, where colour is wanted. */
export type Paint = (text: string) => string;

/** The few colours in use; each only repeats what a word or symbol already says. */
export function palette(
  color: boolean,
): { red: Paint; green: Paint; yellow: Paint; dim: Paint; bold: Paint } {
  const paint = (on: number, off: number): Paint => (text) =>
    color ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    dim: paint(2, 22),
    bold: paint(1, 22),
  };
}

/** How many findings one screen shows. */
const MOST_FINDINGS = 12;

/**
 * Control characters in a governed file must not steer the operator's terminal, nor bidirectional
 * ones (Unicode UAX #9) and invisible ones change what a line seems to say.
 */
const CONTROL =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** Text from outside, safe to show on one terminal line. */
export function plain(text: string): string {
  return text.replaceAll(/[\r\n]+/g, " ").replaceAll(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 3)}...` : text;
}

/** A check's value in words: text as it stands, objects as compact JSON. */
export function valueInWords(value: unknown, most = 160): string {
  if (typeof value === "string") return shorten(plain(value), most);
  if (value === null || value === undefined) return "nothing";
  return shorten(plain(JSON.stringify(value)), most);
}

function placeOf(location: Check["location"]): string {
  if (location === undefined) return "";
  const { file, line, column } = location;
  return plain(file) +
    (line === undefined ? "" : `:${line}${column === undefined ? "" : `:${column}`}`);
}

function faultLines(check: Check): string[] {
  const faults = (check.value as { faults?: unknown } | null)?.faults;
  return Array.isArray(faults)
    ? faults.slice(0, MOST_FINDINGS).map((fault) => plain(String(fault)))
    : [];
}

/** A failed check: what was found, what was wanted, where, and what to do. */
export function renderFailure(check: Check, color: boolean, indent = "  "): string[] {
  const { red, yellow, dim } = palette(color);
  const mark = check.mode === "enforce" ? red("✗") : yellow("!");
  const word = check.mode === "enforce" ? "" : dim(" (warning)");
  const faults = faultLines(check);
  const found = faults.length > 0
    ? faults[0]!
    : `found ${valueInWords(check.value)}, expected ${plain(check.expect)}`;
  const place = faults.length > 0 ? "" : placeOf(check.location);
  return [
    `${indent}${mark} ${plain(check.id)}${word}  ${place === "" ? "" : `${place}  `}${found}`,
    ...faults.slice(1).map((fault) => `${indent}    ${fault}`),
    ...(check.hint === undefined ? [] : [`${indent}    hint: ${plain(check.hint)}`]),
  ];
}

function renderFindings(findings: readonly Finding[]): string[] {
  const lines = findings.slice(0, MOST_FINDINGS).map((finding) => {
    const suggestion = finding.suggestion === undefined ? "" : `  → ${plain(finding.suggestion)}`;
    return `    ${placeOf(finding.location)}  ${plain(finding.message)}${suggestion}`;
  });
  const more = findings.length - lines.length;
  return more > 0 ? [...lines, `    and ${more} more, all in the report`] : lines;
}

/** The one-word verdict of a report. */
export function verdict(
  report: Pick<Report, "ok" | "clean" | "summary">,
): "passed" | "warned" | "failed" | "not applicable" {
  if (!report.ok) return "failed";
  if (!report.clean) return "warned";
  return report.summary.total > 0 && report.summary.not_applicable === report.summary.total
    ? "not applicable"
    : "passed";
}

/** Symbol of a verdict. */
export function symbol(word: string, color: boolean): string {
  const { red, green, yellow, dim } = palette(color);
  if (word === "failed") return red("✗");
  if (word === "warned") return yellow("!");
  return word === "passed" ? green("✓") : dim("–");
}

/** Milliseconds or seconds, whichever reads better. */
export function duration(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

/** A report for one screen: the verdict, then what failed, enforced before warned, then where it is. */
export function renderReport(report: Report, { color }: { color: boolean }): string[] {
  const { bold, dim } = palette(color);
  const failed = report.checks.filter((check) => !check.ok) as Check[];
  const skipped = report.checks.filter((check) => check.not_applicable !== undefined) as Check[];
  const word = verdict(report);
  const { total } = report.summary;
  return [
    `${symbol(word, color)} ${bold(report.tool.name)} ${word}: ${plain(report.headline)}  ${
      dim(
        `${total - failed.length - skipped.length} of ${total} checks, ${
          duration(report.duration_s)
        }`,
      )
    }`,
    ...failed.filter((check) => check.mode === "enforce").flatMap((check) =>
      renderFailure(check, color)
    ),
    ...failed.filter((check) => check.mode === "warn").flatMap((check) =>
      renderFailure(check, color)
    ),
    ...renderFindings((report.findings ?? []) as Finding[]),
    ...skipped.map((check) =>
      dim(`  – ${plain(check.id)}  not applicable: ${plain(check.not_applicable ?? "")}`)
    ),
    ...(report.report_path === undefined ? [] : [dim(`  report: ${plain(report.report_path)}`)]),
  ];
}
