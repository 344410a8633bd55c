import type { HistoryRow } from "../rollout/channels.ts";
import type { BundleNow } from "./bundle_report.ts";
import type { DrillFile } from "./drill_files.ts";
import { ageOf } from "./judge_drill_reports.ts";
import type { SignatureRow } from "./judge_signatures.ts";

const round = (seconds: number): number | null =>
  Number.isFinite(seconds) ? Math.round(seconds * 1000) / 1000 : null;

/** The `evidence` of the guard's report: everything that was judged, with age and state. */
export function drillEvidence(
  nowS: number,
  incidents: readonly DrillFile[],
  bundles: readonly (readonly [DrillFile, BundleNow])[],
  signatures: readonly SignatureRow[],
  { rows, total }: { rows: readonly HistoryRow[]; total: number },
): Record<string, unknown> {
  const common = (file: DrillFile) => ({
    path: file.path,
    sha256: file.sha256,
    loaded: file.value !== undefined,
    ok: file.value?.ok === true,
    ts: round(file.timeS),
    age_s: round(ageOf(file, nowS)),
  });
  return {
    incident_drills: incidents.map((file) => (
      { ...common(file), with_email: file.value?.with_email === true }
    )),
    rollback_bundles: bundles.map(([file, { report, bundleRoot, faults }]) => ({
      ...common(file),
      missing_required_count: report?.missing_required.length ?? null,
      bundle_root: bundleRoot,
      intact: faults.length === 0,
      rehearsed: report?.rehearsal?.ok === true,
    })),
    rollback_signatures: signatures.map((row) => ({
      path: row.path,
      loaded: true,
      state: row.state,
      reason: row.reason,
      ts: row.payload?.signed_at ?? null,
      age_s: round(row.ageS),
      signature_ok: row.state === "authentic",
      hashes_ok: row.state === "authentic" && row.changed.length === 0,
      covers_required_evidence: row.uncovered.length === 0,
      required_paths_count: row.payload?.artifacts.length ?? 0,
    })),
    rollback_history_drills: rows.slice(-10),
    rollback_history_total_entries: total,
  };
}
