import { z } from "zod";
import { canonicalJson } from "../store/canonical.ts";
import { sha256Hex } from "../store/digest.ts";

/** Relative to the top of a tree; any name a file system takes, but never upwards. */
const TreePath = z.string().min(1).refine(
  (path) => !path.split("/").some((part) => part === "" || part === "." || part === ".."),
  { error: "expected a path inside the tree" },
);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Permissions = z.int().min(0).max(0o7777).describe("Permission bits");

const TreeEntry = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("file"),
    path: TreePath,
    mode: Permissions,
    size: z.int().min(0).describe("Bytes"),
    sha256: Sha256,
    mtime_ms: z.number().describe("Last modification, epoch milliseconds"),
  }),
  z.strictObject({ type: z.literal("folder"), path: TreePath, mode: Permissions }),
  z.strictObject({
    type: z.literal("link"),
    path: TreePath,
    target: z.string().describe("As it stands in the link; never followed"),
  }),
]);
/** One file, folder or symbolic link of a snapshot. */
export type TreeEntry = z.output<typeof TreeEntry>;

/** `MANIFEST.json` of a snapshot: what it holds, to be compared with what comes back. */
export const SnapshotManifest = z.strictObject({
  schema_version: z.literal(1),
  kind: z.literal("recovery_snapshot"),
  name: z.string().min(1).describe("Name of the snapshot's folder"),
  created_at: z.number().describe("When the copying began, epoch seconds"),
  primary: z.string().describe("What it is a copy of"),
  excluded: z.array(z.string()).describe("Paths that were left out; relative to the primary"),
  commit: z.string().describe("Commit of the governed repository; empty when unknown"),
  correlation_id: z.string(),
  release_candidate_id: z.string(),
  tree_sha256: Sha256.describe("Over paths, types, modes, sizes, digests and link targets"),
  entries: z.array(TreeEntry).min(1).describe("In the order of paths"),
  manifest_sha256: Sha256.describe("Over everything else here (RFC 8785, SHA-256)"),
}).refine(({ entries }) => new Set(entries.map(({ path }) => path)).size === entries.length, {
  path: ["entries"],
  error: "must not name a path twice",
});
export type SnapshotManifest = z.output<typeof SnapshotManifest>;

/** One digest for a whole tree. Times are not in it: file systems keep them differently well. */
export async function treeDigest(entries: readonly TreeEntry[]): Promise<string> {
  const rows = entries.map((entry) => {
    if (entry.type !== "file") return entry;
    const { mtime_ms: _, ...row } = entry;
    return row;
  });
  return await sha256Hex(canonicalJson(rows.sort((a, b) => a.path < b.path ? -1 : 1)));
}

/** Completes a manifest by the digests of its tree and of itself. */
export async function sealSnapshot(
  content: Omit<SnapshotManifest, "tree_sha256" | "manifest_sha256">,
): Promise<SnapshotManifest> {
  const whole = { ...content, tree_sha256: await treeDigest(content.entries) };
  return { ...whole, manifest_sha256: await sha256Hex(canonicalJson(whole)) };
}

/** Why a manifest does not keep to its own digests; undefined when it does. */
export async function manifestFault(
  { manifest_sha256, ...content }: SnapshotManifest,
): Promise<string | undefined> {
  if (await sha256Hex(canonicalJson(content)) !== manifest_sha256) {
    return "the manifest is not as it was: its digest differs";
  }
  const { entries, tree_sha256 } = content;
  return await treeDigest(entries) === tree_sha256
    ? undefined
    : "the manifest's digest of the tree differs from its entries";
}
