import { failedCommands } from "../docs/reality_rows.ts";
import type { PlacedReference } from "../docs/reality_rows.ts";
import { cut } from "./cut.ts";
import type { PlacedCommand, Survey } from "./survey.ts";

/** Entries the lists of the report show; counts are never cut. */
const SHOWN = { checks: 200, failures: 80, references: 2_000 };

/** A command as consumers of the report know it: `line` is its text, `line_no` where it stands. */
function commandRow(
  { doc, raw, line, runner, target, argv, status, reason }: PlacedCommand,
  checked: boolean,
): Record<string, unknown> {
  return {
    doc,
    line: raw,
    line_no: line,
    runner,
    target: target ?? null,
    argv,
    check_reason: reason ?? "",
    status,
    checked,
    ok: status !== "failed",
  };
}

/** The script's own fields of the report. */
export function reportFields(
  found: Survey,
  { policyFile, prefixes, requested }: {
    policyFile: string;
    prefixes: readonly string[];
    requested: boolean;
  },
): Record<string, unknown> {
  const { references, commands, docs } = found;
  const count = (status: PlacedReference["status"]): number =>
    references.filter((one) => one.status === status).length;
  const paths = references.filter(({ kind }) => ["path", "glob", "link", "image"].includes(kind));
  const missing = paths.filter(({ status }) => status === "failed").map(({ raw }) => raw);
  const failures = failedCommands(commands);
  return {
    require_python_command_check: requested,
    policy_file: policyFile,
    path_prefixes: prefixes,
    docs_scanned: docs,
    path_references_checked: [...new Set(paths.map(({ raw }) => raw))].sort(),
    missing_paths: [...new Set(missing)].sort(),
    command_checks: commands.slice(0, SHOWN.checks).map((one) => commandRow(one, requested)),
    command_failures: failures.slice(0, SHOWN.failures).map((one) => commandRow(one, requested)),
    references: cut(references.filter(({ status }) => status !== "found"), SHOWN.references),
    totals: {
      checked: references.length,
      placeholder: count("placeholder"),
      aliased: count("aliased"),
      allowed: count("allowed"),
      example: count("example"),
      history: count("history"),
      unverified: count("unverified"),
      failed: count("failed"),
      commands: commands.length,
      command_failures: failures.length,
    },
  };
}
