import {
  countRows,
  failedCommands,
  type PlacedReference,
  type RealityRow,
  type RowCount,
  rowOf,
} from "../docs/reality_rows.ts";
import type { DocsRealityPolicy } from "../policy/docs_reality_policy.ts";
import { type Check, type Finding, type Mode, notApplicable } from "../report/check.ts";
import { SHOWN } from "./cut.ts";
import type { Survey } from "./survey.ts";

/** How many failures are tolerated, and how strong each row is. */
export interface Limits {
  paths: number;
  commands: number;
  requested: boolean;
  modes: Record<RealityRow, Mode | "off">;
}

/** What limits follow from. */
export interface LimitOptions {
  policy: DocsRealityPolicy;
  gate: Mode;
  strict: boolean;
  /** The command check was asked for. */
  requested: boolean;
  /** Negative: as the policy says. */
  maxMissingPaths: number;
  /** Negative: as the policy says. */
  maxCommandFailures: number;
}

/** Resolves the strengths and bounds of a run. */
export function limitsOf(
  { policy, gate, strict, requested, maxMissingPaths, maxCommandFailures }: LimitOptions,
): Limits {
  const mode = (strength: "enforce" | "gate" | "warn" | "off"): Mode | "off" =>
    strength === "gate" ? gate : strength;
  return {
    paths: maxMissingPaths < 0 ? policy.max_missing_paths : maxMissingPaths,
    commands: maxCommandFailures < 0 ? policy.max_command_failures : maxCommandFailures,
    requested,
    modes: {
      doc_referenced_paths_exist: "enforce",
      doc_commands_callable: requested || strict ? "enforce" : "warn",
      doc_anchors_resolve: mode(policy.checks.anchors),
      doc_env_names_declared: mode(policy.checks.env_names),
      doc_step_ids_known: mode(policy.checks.step_ids),
      doc_artifact_names_known: mode(policy.checks.artifact_kinds),
      doc_flag_mentions_known: mode(policy.checks.flag_mentions),
      doc_remote_commands_pinned: "warn",
    },
  };
}

function firstPlace(failed: readonly PlacedReference[]): Pick<Check, "location"> {
  const [first] = failed;
  if (first === undefined) return {};
  return { location: { file: first.doc, line: first.line, column: first.column } };
}

function hintFor([first]: readonly PlacedReference[]): string {
  if (first === undefined) return "";
  const change = first.suggestion === undefined
    ? "correct or remove it"
    : `write ${first.suggestion}`;
  return `${first.doc}:${first.line}:${first.column} ${first.message ?? first.raw}: ${change}`;
}

function pathCheck({ examined, failed }: RowCount, { paths }: Limits): Check {
  const missing = [...new Set(failed.map(({ raw }) => raw))];
  return {
    id: "doc_referenced_paths_exist",
    ok: failed.length <= paths,
    mode: "enforce",
    value: {
      examined,
      missing_count: failed.length,
      allowed: paths,
      missing: missing.slice(0, SHOWN),
    },
    expect: `at most ${paths} of the paths, links and globs that documents name are missing`,
    hint: hintFor(failed),
    ...firstPlace(failed),
  };
}

/** One row for all runners, and the one for Python alone that the documented flag is named after. */
function commandChecks(
  { failed }: RowCount,
  { commands }: Survey,
  { commands: allowed, requested, modes }: Limits,
): Check[] {
  const rows: [id: string, belongs: (runner: string) => boolean][] = [
    ["doc_python_commands_callable", (runner) => runner === "python"],
    ["doc_commands_callable", () => true],
  ];
  return rows.map(([id, belongs]): Check => {
    const expect = `at most ${allowed} documented commands cannot work`;
    const own = commands.filter(({ runner }) => belongs(runner));
    if (own.length === 0) return notApplicable(id, expect, "no such command is documented");
    const bad = failedCommands(own);
    const references = failed.filter(({ runner }) => belongs(runner ?? ""));
    return {
      id,
      ok: bad.length <= allowed,
      mode: modes.doc_commands_callable === "enforce" ? "enforce" : "warn",
      value: { examined: own.length, failures: bad.length, allowed, requested },
      expect,
      hint: hintFor(references),
      ...firstPlace(references),
    };
  });
}

function rowCheck({ row, examined, failed }: RowCount, { modes }: Limits): Check[] {
  const mode = modes[row];
  if (mode === "off") {
    return [notApplicable(row, "as the documents say", "switched off by the policy")];
  }
  return [{
    id: row,
    ok: failed.length === 0,
    mode,
    value: { examined, failed: failed.length },
    expect: "everything of this kind that documents name is there",
    hint: hintFor(failed),
    ...firstPlace(failed),
  }];
}

/** One check for each group of claims. */
export function claimChecks(found: Survey, limits: Limits): Check[] {
  return countRows(found.references).flatMap((row) => {
    if (row.row === "doc_referenced_paths_exist") return [pathCheck(row, limits)];
    return row.row === "doc_commands_callable"
      ? commandChecks(row, found, limits)
      : rowCheck(row, limits);
  });
}

/** A failed claim as a finding. */
export function toFinding(one: PlacedReference, { modes }: Limits): Finding {
  const row = rowOf(one);
  const { doc: file, line, column, suggestion } = one;
  return {
    rule: one.rule ?? "unknown",
    level: row !== undefined && modes[row] === "enforce" ? "error" : "warning",
    message: one.message ?? one.raw,
    location: { file, line, column },
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
