import { join } from "@std/path/join";
import { sha256File } from "../store/digest.ts";
import { MANIFEST_FILE } from "./bundle_manifest.ts";
import { bundleNow } from "./bundle_report.ts";
import { DRILL_KINDS, type DrillFile, drillFiles } from "./drill_files.ts";
import type { DrillPayload } from "./drill_payload.ts";

/** Patterns of the evidence, relative to root. */
export interface DrillPatterns {
  incidentDrills: string;
  rollbackBundles: string;
  incidentReports: string;
  trafficDrills: string;
}

/** Evidence that is to be signed. */
export interface GatheredDrills {
  artifacts: DrillPayload["artifacts"];
  incidents: number;
  bundles: number;
  /** Why evidence cannot be signed: it cannot be read, or a bundle is not as it was. */
  faults: string[];
  /** Paths of evidence whose own verdict is negative. */
  failed: string[];
}

const artifactOf = ({ path, size, mtimeS, sha256 }: DrillFile) => (
  { path, size, mtime: mtimeS, sha256 }
);

/** The manifest of a reported bundle, so that the signature reaches every file of it. */
async function manifestArtifact(
  root: string,
  bundleRoot: string,
): Promise<DrillPayload["artifacts"][number]> {
  const path = `${bundleRoot}/${MANIFEST_FILE}`;
  const { sha256, size } = await sha256File(join(root, path));
  const { mtime } = await Deno.stat(join(root, path));
  return { path, size, mtime: Math.floor((mtime?.getTime() ?? 0) / 1000), sha256 };
}

/**
 * Takes down the newest evidence of each kind.
 *
 * @param recent How many of each.
 */
export async function gatherDrills(
  root: string,
  patterns: DrillPatterns,
  recent: number,
): Promise<GatheredDrills> {
  const incidents = (await drillFiles(root, patterns.incidentDrills, DRILL_KINDS.incidentDrill))
    .slice(0, recent);
  const bundles = (await drillFiles(root, patterns.rollbackBundles, DRILL_KINDS.rollbackBundle))
    .slice(0, recent);
  const traffic = (await drillFiles(root, patterns.trafficDrills, DRILL_KINDS.trafficDrill))
    .slice(0, recent);
  const reports = (await drillFiles(root, patterns.incidentReports, DRILL_KINDS.incidentReport))
    .slice(0, recent);
  const all = [...incidents, ...bundles, ...traffic, ...reports];
  const judged = [...incidents, ...bundles, ...traffic];
  const artifacts = all.map(artifactOf);
  const faults = all.flatMap((file) => file.faults);
  for (const file of bundles) {
    if (file.value?.ok !== true) continue;
    const now = await bundleNow(root, file);
    faults.push(...now.faults);
    if (now.faults.length === 0) artifacts.push(await manifestArtifact(root, now.bundleRoot));
  }
  return {
    artifacts: artifacts.sort((a, b) => a.path < b.path ? -1 : 1),
    incidents: incidents.length,
    bundles: bundles.length,
    faults,
    failed: judged.filter(({ value }) => value?.ok === false).map(({ path }) => path),
  };
}
