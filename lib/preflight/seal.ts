import type { Correlation } from "../report/report.ts";
import { writeArtifact } from "../report/artifact.ts";
import type { StepResult } from "./step_result.ts";

/**
 * Binds a finished preflight report to the manifest that its last step sealed. The report itself
 * cannot be in the manifest, because it tells how sealing went; and it is not changed any more once
 * its digest stands here.
 *
 * @returns Path of the seal; undefined when this run sealed no manifest.
 */
export async function writeSeal(
  root: string,
  report: { path: string; sha256: string },
  results: readonly StepResult[],
  correlation: Correlation,
): Promise<string | undefined> {
  const manifest = results.find(({ report_kind, ok }) => report_kind === "release_manifest" && ok);
  if (manifest?.report_path === undefined) return undefined;
  const sealedAt = Date.now() / 1000;
  const seal = {
    schema_version: 1,
    kind: "release_preflight_seal",
    ok: true,
    generated_at: Math.round(sealedAt * 1000) / 1000,
    correlation,
    preflight_report: report,
    manifest: { path: manifest.report_path, sha256: manifest.report_sha256 ?? "" },
  };
  return await writeArtifact(
    root,
    { prefix: "release_preflight_seal", epochS: sealedAt },
    () => JSON.stringify(seal, null, 2) + "\n",
  );
}
