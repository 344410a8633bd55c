import type { MigrationVersions } from "./migration_versions.ts";
import type { Hop } from "./version_graph.ts";

/** What proves that a step is done: the newest report of a kind, or what the registry says. */
export type StepProof =
  | { by: "report"; kind: string; about?: { pointer: string; value: string } }
  | { by: "stable_channel"; version: string };

/** One step of a plan, before anybody looked whether it is done. */
export interface PlannedStep {
  id: string;
  title: string;
  /** Program and arguments. */
  command: string[];
  why: string;
  proof: StepProof;
  /** Whether the way back restores what was before. */
  reversible: boolean;
  /** When not to go on. */
  abort_if: string;
  /** The command that undoes it; empty where it changes nothing. */
  way_back: string[];
  /** The way back in words. */
  way_back_note: string;
}

const READ_ONLY = {
  reversible: true,
  way_back: [] as string[],
  way_back_note: "nothing to undo: it only reads and reports",
};

const task = (name: string, ...args: string[]): string[] => ["deno", "task", name, ...args];

function preparation(): PlannedStep[] {
  return [
    {
      id: "rollback_bundle",
      title: "Keep what a rollback needs",
      command: task("create_rollback_bundle", "--label", "migration-pre", "--strict"),
      why: "Policies, runtime data and evidence as they are before the move",
      proof: { by: "report", kind: "rollback_bundle_report" },
      reversible: true,
      abort_if: "a required file is missing from the bundle",
      way_back: [],
      way_back_note: "nothing to undo: it adds a copy",
    },
    {
      id: "compat_matrix",
      title: "Read the state both ways",
      command: task("release_compat_matrix", "--strict"),
      why:
        "State that cannot be read after the move, or after the way back, ends the migration here",
      proof: { by: "report", kind: "release_compat_matrix" },
      abort_if: "any case fails",
      ...READ_ONLY,
    },
    {
      id: "preflight",
      title: "Run the release gates",
      command: task("release_preflight", "--quick"),
      why: "The target must be releasable by itself",
      proof: { by: "report", kind: "release_preflight" },
      abort_if: "any gate fails",
      ...READ_ONLY,
    },
  ];
}

function upgradeHop(hop: Hop, many: boolean): PlannedStep[] {
  const suffix = many ? `_${hop.to}` : "";
  const reason = `migration ${hop.from} to ${hop.to}`;
  const schemas = hop.from_schema === hop.to_schema
    ? `state stays at schema ${hop.to_schema}`
    : `state goes from schema ${hop.from_schema} to ${hop.to_schema}`;
  return [
    {
      id: `rollout_plan${suffix}`,
      title: `Plan the rollout of ${hop.to}`,
      command: task(
        "release_rollout_executor",
        "--target-version",
        hop.to,
        "--dry-run",
        "--strict",
      ),
      why: `Shows the next stage and what blocks it; ${schemas}`,
      proof: {
        by: "report",
        kind: "release_rollout_executor",
        about: { pointer: "/plan/target_version", value: hop.to },
      },
      abort_if: "the plan is blocked",
      ...READ_ONLY,
    },
    {
      id: `rollout_apply${suffix}`,
      title: `Roll out ${hop.to}, one stage a run, until stable serves it`,
      command: task(
        "release_rollout_executor",
        "--target-version",
        hop.to,
        "--apply",
        "--reason",
        reason,
      ),
      why: `Moves traffic and registry together; ${schemas}`,
      proof: { by: "stable_channel", version: hop.to },
      reversible: true,
      abort_if: "a stage is not committed, or the canary shows more errors than stable",
      way_back: task(
        "release_rollout_executor",
        "--rollback-stable",
        "--to-version",
        hop.from,
        "--apply",
        "--reason",
        `back out of ${reason}`,
      ),
      way_back_note:
        `while only the canary serves ${hop.to}: the same executor with --abort --apply`,
    },
  ];
}

function rollbackHop(hop: Hop, many: boolean): PlannedStep[] {
  const suffix = many ? `_${hop.to}` : "";
  const reason = `rollback ${hop.from} to ${hop.to}`;
  const command = task(
    "release_rollout_executor",
    "--rollback-stable",
    "--to-version",
    hop.to,
  );
  return [{
    id: `rollback_apply${suffix}`,
    title: `Set stable back to ${hop.to}`,
    command: [...command, "--apply", "--reason", reason],
    why: `State written at schema ${hop.from_schema} is read at schema ${hop.to_schema}`,
    proof: { by: "stable_channel", version: hop.to },
    reversible: true,
    abort_if: "traffic and registry disagree afterwards",
    way_back: task(
      "release_rollout_executor",
      "--target-version",
      hop.from,
      "--apply",
      "--reason",
      `forward again after ${reason}`,
    ),
    way_back_note: `rolls ${hop.from} out again, one stage a run`,
  }];
}

function afterwards(): PlannedStep[] {
  return [{
    id: "audit_chain",
    title: "Verify the record of it",
    command: task("verify_audit_chain", "--strict", "--require-log"),
    why: "Every change above must stand in a log that nobody rewrote",
    proof: { by: "report", kind: "audit_chain_verify" },
    abort_if: "the log is broken, or does not have the changes",
    ...READ_ONLY,
  }];
}

/**
 * The steps of a migration, in order. There is no plan without both versions and a tested way
 * between them: no step is ever half a command.
 *
 * @param way The moves to make, first to last; undefined where no tested way exists.
 */
export function migrationPlan(
  { from, to }: Pick<MigrationVersions, "from" | "to">,
  way: readonly Hop[] | undefined,
): PlannedStep[] {
  if (from === "" || to === "" || way === undefined) return [];
  const many = way.length > 1;
  return [
    ...preparation(),
    ...way.flatMap((hop) =>
      hop.direction === "upgrade" ? upgradeHop(hop, many) : rollbackHop(hop, many)
    ),
    ...afterwards(),
  ];
}
