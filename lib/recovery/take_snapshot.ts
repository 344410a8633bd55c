import { join } from "@std/path/join";
import { syncFolders } from "../rollback/write_bundle.ts";
import { writeFlushed } from "../rollback/copy_sources.ts";
import { sha256File } from "../store/digest.ts";
import { type CopiedFile, type CopyRow, copyTree, GONE, removeTree } from "./copy_tree.ts";
import { readTree, type TreeFacts, type TreeLook } from "./read_tree.ts";
import { DATA_FOLDER, MANIFEST_FILE } from "./region.ts";
import { sealSnapshot, type SnapshotManifest, type TreeEntry } from "./snapshot_manifest.ts";

/** What is to be copied, and for whom. */
export interface SnapshotOrder {
  /** Absolute, links resolved. */
  primary: string;
  /** Relative to the primary. */
  excluded: readonly string[];
  /** Absolute; does not exist yet, and is gone afterwards if no snapshot came of it. */
  staging: string;
  attempts: number;
  about: Pick<
    SnapshotManifest,
    "name" | "created_at" | "primary" | "commit" | "correlation_id" | "release_candidate_id"
  >;
  signal: AbortSignal;
  onCopied?: (path: string) => void;
}

/** What came of it. Without a manifest there is no snapshot. */
export interface TakenSnapshot {
  manifest?: SnapshotManifest;
  /** Files and links that were looked at. */
  examined: number;
  attempts: number;
  /** Sentences about what could not be copied. */
  faults: string[];
  /** Paths that changed while they were copied, in the last attempt; not judged beside faults. */
  changed: string[];
  /** Sockets, pipes and devices, which hold no data. */
  special: string[];
  /** Links that point out of the copy: what is behind them is not in it. */
  outside: string[];
}

/**
 * Times of files are as coarse as the clock tick of the kernel, or the second on some file systems.
 * A file that was modified so shortly before it was looked at may change again without a trace, and
 * is read a second time.
 */
const RECENT_MS = 2000;

function sameFacts(a: TreeFacts, b: TreeFacts): boolean {
  if (a.type !== b.type || a.mode !== b.mode || a.target !== b.target) return false;
  return a.type !== "file" ||
    (a.size === b.size && a.mtime_ms === b.mtime_ms && a.ctime_ms === b.ctime_ms &&
      a.ino === b.ino);
}

/**
 * Paths that are not after the copying what they were before, or whose copy is of other bytes. Where
 * there are none, everything that was copied was there at one and the same moment.
 */
async function changedPaths(
  primary: string,
  before: TreeLook,
  after: TreeLook,
  copied: ReadonlyMap<string, CopiedFile>,
  startedMs: number,
): Promise<string[]> {
  const now = new Map(after.entries.map((facts) => [facts.path, facts]));
  const changed = new Set(now.keys());
  for (const facts of before.entries) {
    const again = now.get(facts.path);
    const same = again !== undefined && sameFacts(facts, again) &&
      (facts.type !== "file" || copied.get(facts.path)?.size === facts.size);
    if (same) changed.delete(facts.path);
    else changed.add(facts.path);
    const recent = Math.max(facts.mtime_ms, facts.ctime_ms) > startedMs - RECENT_MS;
    if (!same || !recent || facts.type !== "file") continue;
    const found = await sha256File(join(primary, facts.path)).catch(ignoreGone);
    if (found?.sha256 !== copied.get(facts.path)?.sha256) changed.add(facts.path);
  }
  return [...changed].sort();
}

/** A file that went away just now has changed. */
function ignoreGone(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Whether a link leads to something that is not in the copy. */
function leadsOut({ path, target }: TreeFacts): boolean {
  if (target.startsWith("/") || /^[A-Za-z]:[\\/]/.test(target)) return true;
  let depth = path.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

function entriesOf(
  facts: readonly TreeFacts[],
  copied: ReadonlyMap<string, CopiedFile>,
): TreeEntry[] {
  return facts.flatMap(({ type, path, mode, target, mtime_ms }): TreeEntry[] => {
    if (type === "folder") return [{ type, path, mode }];
    if (type === "link") return [{ type, path, target }];
    const file = copied.get(path);
    return type === "other" || file === undefined ? [] : [{ type, path, mode, mtime_ms, ...file }];
  });
}

function isCopied(facts: TreeFacts): facts is TreeFacts & CopyRow {
  return facts.type !== "other";
}

/** One attempt: look, copy, look again. */
async function attempt(
  { primary, excluded, staging, signal, onCopied }: SnapshotOrder,
): Promise<{ look: TreeLook; copied: Map<string, CopiedFile>; found: TakenSnapshot }> {
  const startedMs = Date.now();
  const look = await readTree(primary, { excluded, signal });
  const data = join(staging, DATA_FOLDER);
  await Deno.mkdir(data, { recursive: true, mode: 0o700 });
  const { copied, faults } = await copyTree({
    from: primary,
    to: data,
    rows: look.entries.filter(isCopied),
    signal,
    ...(onCopied === undefined ? {} : { onCopied }),
  });
  const after = await readTree(primary, { excluded, signal });
  const unreadable = [...look.faults, ...faults.filter((fault) => !fault.endsWith(GONE))];
  const changed = unreadable.length > 0
    ? []
    : await changedPaths(primary, look, after, copied, startedMs);
  const paths = (entries: readonly TreeFacts[]): string[] => entries.map(({ path }) => path);
  const found: TakenSnapshot = {
    examined: look.entries.filter(({ type }) => type !== "folder").length,
    attempts: 1,
    faults: unreadable,
    changed,
    special: paths(look.entries.filter(({ type }) => type === "other")),
    outside: paths(look.entries.filter((facts) => facts.type === "link" && leadsOut(facts))),
  };
  return { look, copied, found };
}

/**
 * Copies a primary into a staging folder, with a manifest, everything flushed. A primary that changes
 * meanwhile is copied anew; one that does not come to rest, or cannot be read, makes no snapshot.
 */
export async function takeSnapshot(order: SnapshotOrder): Promise<TakenSnapshot> {
  const { staging, attempts, about, excluded } = order;
  for (let made = 1;; made++) {
    const { look, copied, found } = await attempt(order);
    const taken = { ...found, attempts: made };
    const whole = taken.faults.length === 0 && taken.changed.length === 0;
    if (whole) {
      const manifest = await sealSnapshot({
        schema_version: 1,
        kind: "recovery_snapshot",
        ...about,
        excluded: [...excluded],
        entries: entriesOf(look.entries, copied),
      });
      const text = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
      await writeFlushed(join(staging, MANIFEST_FILE), text);
      await syncFolders(staging);
      return { ...taken, manifest };
    }
    await removeTree(staging);
    if (taken.faults.length > 0 || made === attempts) return taken;
  }
}
