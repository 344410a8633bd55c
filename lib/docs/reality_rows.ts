import type { CommandUse } from "./command_place.ts";
import type { Reference, Rule } from "./reference.ts";

/** The groups findings are counted in; each is one row of the report. */
export type RealityRow =
  | "doc_referenced_paths_exist"
  | "doc_commands_callable"
  | "doc_anchors_resolve"
  | "doc_env_names_declared"
  | "doc_step_ids_known"
  | "doc_artifact_names_known"
  | "doc_flag_mentions_known"
  | "doc_remote_commands_pinned";

const ROWS: Record<Rule, RealityRow> = {
  missing_path: "doc_referenced_paths_exist",
  case_mismatch: "doc_referenced_paths_exist",
  glob_without_match: "doc_referenced_paths_exist",
  path_escapes_root: "doc_referenced_paths_exist",
  line_out_of_range: "doc_referenced_paths_exist",
  missing_anchor: "doc_anchors_resolve",
  undefined_reference: "doc_anchors_resolve",
  unknown_artifact: "doc_artifact_names_known",
  unknown_env: "doc_env_names_declared",
  env_value_invalid: "doc_env_names_declared",
  unknown_step: "doc_step_ids_known",
  unknown_flag_mention: "doc_flag_mentions_known",
  remote_unpinned: "doc_remote_commands_pinned",
  script_missing: "doc_commands_callable",
  stale_runner: "doc_commands_callable",
  task_missing: "doc_commands_callable",
  npm_script_missing: "doc_commands_callable",
  make_target_missing: "doc_commands_callable",
  cargo_target_missing: "doc_commands_callable",
  unknown_subcommand: "doc_commands_callable",
  unknown_flag: "doc_commands_callable",
  flag_value_invalid: "doc_commands_callable",
  flag_value_missing: "doc_commands_callable",
  unexpected_argument: "doc_commands_callable",
  alias_forbidden: "doc_commands_callable",
  declaration_unreadable: "doc_commands_callable",
};

const KINDS: Record<RealityRow, readonly Reference["kind"][]> = {
  doc_referenced_paths_exist: ["path", "glob", "link", "image"],
  doc_commands_callable: ["command", "task", "target"],
  doc_anchors_resolve: ["anchor", "label"],
  doc_env_names_declared: ["environment"],
  doc_step_ids_known: ["step"],
  doc_artifact_names_known: ["artifact"],
  doc_flag_mentions_known: ["flag"],
  doc_remote_commands_pinned: ["command"],
};

/** A reference with its document. */
export type PlacedReference = Reference & { doc: string };

/** One row's numbers. */
export interface RowCount {
  row: RealityRow;
  /** References of the row's kinds, whatever became of them. */
  examined: number;
  failed: PlacedReference[];
}

/** The row a failed reference counts in. */
export function rowOf(reference: Reference): RealityRow | undefined {
  return reference.rule === undefined ? undefined : ROWS[reference.rule];
}

/** Groups references into rows, in the order of the report. */
export function countRows(references: readonly PlacedReference[]): RowCount[] {
  return Object.entries(KINDS).map(([row, kinds]) => ({
    row: row as RealityRow,
    examined: references.filter(({ kind }) => kinds.includes(kind)).length,
    failed: references.filter((one) => one.status === "failed" && rowOf(one) === row),
  }));
}

/** Commands with a claim that does not hold, not counting paths among their arguments. */
export function failedCommands<T extends CommandUse>(commands: readonly T[]): T[] {
  return commands.filter(({ status, reason }) =>
    status === "failed" && reason !== undefined && ROWS[reason] === "doc_commands_callable"
  );
}
