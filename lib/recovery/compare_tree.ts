import { join } from "@std/path/join";
import { sha256File } from "../store/digest.ts";
import { readTree, type TreeFacts } from "./read_tree.ts";
import { treeDigest, type TreeEntry } from "./snapshot_manifest.ts";

/** One way in which a tree is not what its manifest says. */
export interface Difference {
  path: string;
  what:
    | "missing"
    | "added"
    | "unreadable"
    | "type"
    | "size"
    | "digest"
    | "mode"
    | "target"
    | "time";
}

/** A tree as it was found, against a manifest. */
export interface TreeComparison {
  /** Nothing differs, and there was something to compare. */
  same: boolean;
  differences: Difference[];
  files: number;
  folders: number;
  links: number;
  bytes: number;
  /** Of what was found, made the same way as the manifest's. */
  tree_sha256: string;
  /** The file that was modified last. */
  newest?: { path: string; mtime_ms: number };
}

/** Some file systems keep times to two seconds only. */
const TIME_SLACK_MS = 2000;

async function entryOf(top: string, facts: TreeFacts): Promise<TreeEntry | undefined> {
  const { path, type, mode, target, mtime_ms } = facts;
  if (type === "folder") return { type, path, mode };
  if (type === "link") return { type, path, target };
  if (type === "other") return undefined;
  return { type, path, mode, mtime_ms, ...await sha256File(join(top, path)) };
}

function whatDiffers(wanted: TreeEntry, found: TreeEntry): Difference["what"][] {
  if (wanted.type === "link" && found.type === "link") {
    return wanted.target === found.target ? [] : ["target"];
  }
  if (wanted.type === "link" || found.type === "link" || wanted.type !== found.type) {
    return ["type"];
  }
  const mode = wanted.mode === found.mode || Deno.build.os === "windows" ? [] : ["mode" as const];
  if (wanted.type === "folder" || found.type === "folder") return mode;
  const content = wanted.size !== found.size
    ? ["size" as const]
    : wanted.sha256 !== found.sha256
    ? ["digest" as const]
    : [];
  const late = Math.abs(wanted.mtime_ms - found.mtime_ms) > TIME_SLACK_MS;
  return [...content, ...mode, ...(late ? ["time" as const] : [])];
}

/** Reads every file of a tree; what cannot be read is a difference. */
async function readEntries(
  top: string,
  signal: AbortSignal,
): Promise<{ found: TreeEntry[]; differences: Difference[] }> {
  const look = await readTree(top, { signal });
  const found: TreeEntry[] = [];
  const differences: Difference[] = look.faults.map((path) => ({ path, what: "unreadable" }));
  for (const facts of look.entries) {
    signal.throwIfAborted();
    try {
      const entry = await entryOf(top, facts);
      if (entry !== undefined) found.push(entry);
      else differences.push({ path: facts.path, what: "type" });
    } catch (error) {
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
      differences.push({ path: facts.path, what: "unreadable" });
    }
  }
  return { found, differences };
}

function newestOf(entries: readonly TreeEntry[]): TreeComparison["newest"] {
  let newest: TreeComparison["newest"];
  for (const entry of entries) {
    if (entry.type !== "file" || entry.mtime_ms <= (newest?.mtime_ms ?? -Infinity)) continue;
    newest = { path: entry.path, mtime_ms: entry.mtime_ms };
  }
  return newest;
}

/**
 * Compares a tree with the entries of a manifest: nothing missing, nothing added, every file byte by
 * byte through its digest, permission bits, link targets and file times.
 *
 * @param top Absolute.
 */
export async function compareTree(
  top: string,
  entries: readonly TreeEntry[],
  signal: AbortSignal,
): Promise<TreeComparison> {
  const { found, differences } = await readEntries(top, signal);
  const byPath = new Map(found.map((entry) => [entry.path, entry]));
  const unreadable = new Set(differences.map(({ path }) => path));
  for (const wanted of entries) {
    const entry = byPath.get(wanted.path);
    if (entry === undefined) {
      if (!unreadable.has(wanted.path)) differences.push({ path: wanted.path, what: "missing" });
      continue;
    }
    byPath.delete(wanted.path);
    for (const what of whatDiffers(wanted, entry)) differences.push({ path: wanted.path, what });
  }
  for (const path of byPath.keys()) differences.push({ path, what: "added" });
  const count = (type: TreeEntry["type"]): number =>
    found.filter((entry) => entry.type === type).length;
  const newest = newestOf(found);
  return {
    same: differences.length === 0 && entries.length > 0,
    differences: differences.sort((a, b) => a.path < b.path ? -1 : 1),
    files: count("file"),
    folders: count("folder"),
    links: count("link"),
    bytes: found.reduce((sum, entry) => sum + (entry.type === "file" ? entry.size : 0), 0),
    tree_sha256: await treeDigest(found),
    ...(newest === undefined ? {} : { newest }),
  };
}
