import type { Check } from "./check.ts";
import { plain, valueInWords } from "./terminal.ts";
import type { Report } from "./report.ts";

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** GitHub Actions workflow commands for the failed checks of a report. */
export function annotations(report: Pick<Report, "checks" | "tool">): string[] {
  return (report.checks as Check[]).filter((check) => !check.ok).map((check) => {
    const level = check.mode === "enforce" ? "error" : "warning";
    const { file, line, column } = check.location ?? {};
    const properties = [
      ...(file === undefined ? [] : [`file=${property(file)}`]),
      ...(line === undefined ? [] : [`line=${line}`]),
      ...(column === undefined ? [] : [`col=${column}`]),
      `title=${property(`${report.tool.name}: ${check.id}`)}`,
    ].join(",");
    const hint = check.hint === undefined ? "" : `\nhint: ${plain(check.hint)}`;
    return `::${level} ${properties}::${
      data(`found ${valueInWords(check.value)}, expected ${plain(check.expect)}${hint}`)
    }`;
  });
}
