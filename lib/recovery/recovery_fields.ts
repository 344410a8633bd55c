import { measured } from "./judge_recovery.ts";
import type { CheckedCopy } from "./check_copy.ts";
import type { RecoveryResult } from "./run_recovery.ts";

/** What a report says about a copy. */
export function copyFields(copy: CheckedCopy | undefined): Record<string, unknown> | null {
  if (copy === undefined) return null;
  const { name, manifest, comparison, faults } = copy;
  return {
    name,
    created_at: manifest?.created_at ?? null,
    whole: faults.length === 0,
    files: comparison?.files ?? 0,
    folders: comparison?.folders ?? 0,
    links: comparison?.links ?? 0,
    bytes: comparison?.bytes ?? 0,
    tree_sha256: manifest?.tree_sha256 ?? "",
    manifest_sha256: manifest?.manifest_sha256 ?? "",
  };
}

/** What a report says about a drill, whatever came of it. */
export function recoveryFields(result: RecoveryResult): Record<string, unknown> {
  const { began_s, swept, previous, copy, proof, proven, current, pruned, taken } = result;
  const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
  const madeS = previous?.manifest?.created_at;
  return {
    proven,
    ...measured(result),
    snapshot: copyFields(copy),
    copy_attempts: taken?.attempts ?? 0,
    previous_copy: previous === undefined ? null : {
      ...copyFields(previous),
      age_s: madeS === undefined ? null : round(began_s - madeS),
    },
    current: current ?? null,
    pruned_snapshots: pruned,
    swept_folders: swept,
    newest_record: proof?.newest ?? null,
    damage: proof?.damage ?? [],
    probe: proof?.probe ?? null,
    restore: proof === undefined ? null : {
      same: proof.comparison.same,
      files: proof.comparison.files,
      folders: proof.comparison.folders,
      links: proof.comparison.links,
      bytes: proof.comparison.bytes,
      tree_sha256: proof.comparison.tree_sha256,
      restore_s: proof.restore_s,
      compare_s: proof.compare_s,
      probe_s: proof.probe_s,
    },
  };
}
