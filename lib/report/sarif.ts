import type { Check, Finding, Location } from "./check.ts";
import type { Report } from "./report.ts";
import { valueInWords } from "./terminal.ts";

interface SarifResult {
  ruleId: string;
  level: "error" | "warning" | "note";
  message: { text: string };
  locations: unknown[];
}

function locations(location: Location | undefined): unknown[] {
  if (location === undefined) return [];
  const region = location.line === undefined ? {} : {
    region: {
      startLine: location.line,
      ...(location.column === undefined ? {} : { startColumn: location.column }),
    },
  };
  const uri = location.file.toWellFormed().split("/").map(encodeURIComponent).join("/");
  return [{ physicalLocation: { artifactLocation: { uri, uriBaseId: "ROOT" }, ...region } }];
}

function fromCheck(check: Check): SarifResult {
  return {
    ruleId: check.id.split("::")[0]!,
    level: check.mode === "enforce" ? "error" : "warning",
    message: {
      text: `${check.id}: found ${valueInWords(check.value)}, expected ${check.expect}. ${
        check.hint ?? ""
      }`.trim(),
    },
    locations: locations(check.location),
  };
}

function fromFinding({ rule, level, message, location, suggestion }: Finding): SarifResult {
  const text = suggestion === undefined ? message : `${message} (${suggestion})`;
  return { ruleId: rule, level, message: { text }, locations: locations(location) };
}

/**
 * A report as a SARIF 2.1.0 log (OASIS Standard, errata 01): one result for each finding, and one
 * for each failed check where there are no findings.
 */
export function toSarif(report: Report, findings: readonly Finding[]): unknown {
  const failed = (report.checks as Check[]).filter((check) => !check.ok);
  const results = findings.length > 0 ? findings.map(fromFinding) : failed.map(fromCheck);
  const rules = [...new Set(results.map((result) => result.ruleId))].sort().map((id) => ({ id }));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: { driver: { name: report.tool.name, version: report.tool.version, rules } },
      originalUriBaseIds: { ROOT: { description: { text: "Root of the governed repository" } } },
      invocations: [{ executionSuccessful: report.exit_code < 64, exitCode: report.exit_code }],
      results,
    }],
  };
}
