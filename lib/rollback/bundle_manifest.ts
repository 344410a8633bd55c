import { z } from "zod";
import { RepoPath } from "../policy/schema_key.ts";
import { canonicalJson } from "../store/canonical.ts";
import { sha256Hex } from "../store/digest.ts";

/** The record of a bundle, inside it. */
export const MANIFEST_FILE = "MANIFEST.json";

/** The same digests for `sha256sum --check`, the manifest's own included. */
export const SUMS_FILE = "SHA256SUMS";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Why a file is in a bundle. */
export const BundleGroup = z.enum([
  "policy",
  "registry",
  "source",
  "state",
  "document",
  "audit",
  "report",
]);
export type BundleGroup = z.output<typeof BundleGroup>;

const BundleFile = z.strictObject({
  path: RepoPath.describe("Relative to the governed root and to the bundle alike"),
  group: BundleGroup,
  size: z.int().min(0).describe("Bytes"),
  sha256: Sha256,
});
/** One file of a bundle. */
export type BundleFile = z.output<typeof BundleFile>;

const Release = z.strictObject({
  canary_version: z.string(),
  stable_version: z.string(),
  previous_stable_version: z.string().nullable()
    .describe("Version stable served before; null where the history names none"),
  canary_weight: z.int().min(0).max(100).describe("Percent of traffic when the bundle was made"),
  revision: z.int().min(0).describe("Of the channel registry"),
});
/** What was released when a bundle was made. */
export type BundleRelease = z.output<typeof Release>;

/** `MANIFEST.json` of a rollback bundle. */
export const BundleManifest = z.strictObject({
  schema_version: z.literal(1),
  kind: z.literal("rollback_bundle"),
  name: z.string().min(1).describe("Name of the bundle's folder; a copy half-way has another"),
  label: z.string(),
  created_at: z.number().describe("Epoch seconds"),
  commit: z.string().describe("Commit of the governed repository; empty when unknown"),
  release_candidate_id: z.string(),
  correlation_id: z.string(),
  release: Release.nullable().describe("Null where the registry cannot be read"),
  restore: z.array(z.string()).describe("Commands that bring this state back, in order"),
  files: z.array(BundleFile).min(1),
  manifest_sha256: Sha256.describe("Over everything else here (RFC 8785, SHA-256)"),
}).refine(({ files }) => new Set(files.map(({ path }) => path)).size === files.length, {
  path: ["files"],
  error: "must not name a path twice",
});
export type BundleManifest = z.output<typeof BundleManifest>;

/** Digest of a manifest's content, which is what a signature on a bundle covers. */
export async function manifestDigest(
  { manifest_sha256: _, ...content }: BundleManifest,
): Promise<string> {
  return await sha256Hex(canonicalJson(content));
}

/** Completes a manifest by its own digest. */
export async function sealManifest(
  content: Omit<BundleManifest, "manifest_sha256">,
): Promise<BundleManifest> {
  return { ...content, manifest_sha256: await sha256Hex(canonicalJson(content)) };
}

/** The text of `SHA256SUMS`. */
export function sumsText(files: readonly BundleFile[], manifestFileSha256: string): string {
  const rows = [...files.map(({ path, sha256 }) => [sha256, path]), [
    manifestFileSha256,
    MANIFEST_FILE,
  ]];
  return rows.map(([sha256, path]) => `${sha256}  ${path}\n`).join("");
}
