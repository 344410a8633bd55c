import { walk } from "@std/fs/walk";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import { globMatches, isGlob } from "../docs/glob.ts";
import { canonicalJson } from "../store/canonical.ts";
import { sha256File, sha256Hex } from "../store/digest.ts";

/** One file or folder of the release. */
export interface ArtifactRow {
  /** Relative to root. */
  path: string;
  required: boolean;
  exists: boolean;
  /** Bytes; of a folder, of all files in it. */
  size: number;
  /** Of a folder: over its sorted names and digests. Of a link: none, links are not followed. */
  sha256?: string;
  kind?: "file" | "folder" | "link";
  link_target?: string;
}

/** Lockfiles, of whatever ecosystem: each one that exists belongs to the release. */
export const LOCKFILES = [
  "deno.lock",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "uv.lock",
  "poetry.lock",
  "requirements.txt",
  "Cargo.lock",
  "go.sum",
] as const;

const NEVER = [/[\\/]\.git([\\/]|$)/, /[\\/]node_modules([\\/]|$)/];

async function folderDigest(path: string): Promise<{ sha256: string; size: number }> {
  const rows: [string, string][] = [];
  let size = 0;
  for await (
    const entry of walk(path, { includeDirs: false, followSymlinks: false, skip: NEVER })
  ) {
    if (entry.isSymlink) rows.push([entry.path, `link:${await Deno.readLink(entry.path)}`]);
    else {
      const file = await sha256File(entry.path);
      rows.push([entry.path, file.sha256]);
      size += file.size;
    }
  }
  const named = rows.map(([file, digest]) => [relative(path, file).replaceAll("\\", "/"), digest]);
  named.sort(([a = ""], [b = ""]) => a < b ? -1 : 1);
  return { sha256: await sha256Hex(canonicalJson(named)), size };
}

/** Takes down one artifact as it is on disk now. */
export async function artifactRow(
  root: string,
  path: string,
  required: boolean,
): Promise<ArtifactRow> {
  const absolute = join(root, path);
  let facts: Deno.FileInfo;
  try {
    facts = await Deno.lstat(absolute);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return { path, required, exists: false, size: 0 };
    }
    throw error;
  }
  if (facts.isSymlink) {
    return {
      path,
      required,
      exists: true,
      size: 0,
      kind: "link",
      link_target: await Deno.readLink(absolute),
    };
  }
  const digest = facts.isDirectory ? await folderDigest(absolute) : await sha256File(absolute);
  return { path, required, exists: true, kind: facts.isDirectory ? "folder" : "file", ...digest };
}

async function expand(root: string, patterns: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(
    patterns.map((pattern) => [pattern, isGlob(pattern) ? [] : [pattern]]),
  );
  const globs = patterns.filter(isGlob);
  if (globs.length === 0) return found;
  for await (
    const entry of walk(root, { includeDirs: false, followSymlinks: false, skip: NEVER })
  ) {
    const path = relative(root, entry.path).replaceAll("\\", "/");
    for (const glob of globs) if (globMatches(glob, path)) found.get(glob)!.push(path);
  }
  return found;
}

/**
 * Takes down every artifact of a release: required ones, optional ones that exist, and every
 * lockfile. A required pattern that matches nothing is a missing artifact.
 */
export async function collectArtifacts(
  root: string,
  { required, optional }: { required: readonly string[]; optional: readonly string[] },
): Promise<ArtifactRow[]> {
  const wanted = new Map<string, boolean>();
  const expanded = await expand(root, [...required, ...optional]);
  for (const pattern of [...optional, ...LOCKFILES]) {
    for (const path of expanded.get(pattern) ?? [pattern]) wanted.set(path, false);
  }
  for (const pattern of required) {
    const paths = expanded.get(pattern) ?? [];
    for (const path of paths.length > 0 ? paths : [pattern]) wanted.set(path, true);
  }
  const rows = await Promise.all(
    [...wanted].sort(([a], [b]) => a < b ? -1 : 1).map(([path, must]) =>
      artifactRow(root, path, must)
    ),
  );
  return rows.filter((row) => row.exists || row.required);
}
