import { join } from "@std/path/join";
import { z } from "zod";
import { RepoPath } from "../policy/schema_key.ts";
import type { DrillFile } from "./drill_files.ts";
import { verifyBundle } from "./verify_bundle.ts";

/** What a bundle's report says about it; older forms lack all but the first two. */
export const BundleReport = z.looseObject({
  bundle_root: z.string().optional(),
  missing_required: z.array(z.string()),
  bundle_manifest_sha256: z.string().optional(),
  files: z.array(z.looseObject({ path: z.string(), copied: z.boolean() })).optional(),
  rehearsal: z.looseObject({ ok: z.boolean() }).nullable().optional(),
});
export type BundleReport = z.output<typeof BundleReport>;

/** A report's bundle, looked at now. */
export interface BundleNow {
  path: string;
  report: BundleReport | undefined;
  /** Relative to root; empty where the report names none that could be looked at. */
  bundleRoot: string;
  /** Why it cannot be relied on; empty when it can. */
  faults: string[];
}

/** Verifies the bundle that a report speaks of, and that it is the one of then. */
export async function bundleNow(root: string, { path, value }: DrillFile): Promise<BundleNow> {
  const parsed = BundleReport.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const faults = [`${path} /${issue?.path.join("/")} ${issue?.message}`];
    return { path, report: undefined, bundleRoot: "", faults };
  }
  const report = parsed.data;
  const { bundle_root: bundleRoot = "", bundle_manifest_sha256: sealed = "" } = report;
  if (!RepoPath.safeParse(bundleRoot).success || sealed === "") {
    return {
      path,
      report,
      bundleRoot: "",
      faults: [`${path} names no bundle that can be verified`],
    };
  }
  const { faults, manifest } = await verifyBundle(join(root, bundleRoot));
  const named = faults.map((fault) => `${bundleRoot}: ${fault}`);
  if (manifest !== undefined && manifest.manifest_sha256 !== sealed) {
    named.push(`${bundleRoot} is another bundle than the one reported`);
  }
  return { path, report, bundleRoot, faults: named };
}
