/**
 * Recursive directory listing.
 * @module
 */
import { basename } from "@std/path/basename";
import { join } from "@std/path/join";
import { normalize } from "@std/path/normalize";
import { pathString } from "./_path_string.ts";

/** One file, directory or link that {@linkcode walk} found. */
export interface WalkEntry extends Deno.DirEntry {
  /** The root as it was given, joined with the way down to the entry. */
  path: string;
}

/** What {@linkcode walk} descends into and what it yields. */
export interface WalkOptions {
  /**
   * Levels below the root; 0 yields only the root.
   *
   * @default {Infinity}
   */
  maxDepth?: number;
  /**
   * Whether files are yielded.
   *
   * @default {true}
   */
  includeFiles?: boolean;
  /**
   * Whether directories are yielded; they are descended into anyway.
   *
   * @default {true}
   */
  includeDirs?: boolean;
  /**
   * Whether links are yielded as themselves; without effect when they are followed.
   *
   * @default {true}
   */
  includeSymlinks?: boolean;
  /**
   * Whether links are replaced by what they point at. A link to a parent never ends.
   *
   * @default {false}
   */
  followSymlinks?: boolean;
  /**
   * Whether a followed link appears under its real path instead of the link's own.
   *
   * @default {true}
   */
  canonicalize?: boolean;
  /** Endings of paths to yield, with or without the dot. Applies to directories as well. */
  exts?: string[];
  /** Yields only paths that match one of these. The whole path is tested. */
  match?: RegExp[];
  /** Neither yields nor descends into paths that match one of these. The whole path is tested. */
  skip?: RegExp[];
}

/**
 * Yields the root and everything below it, in the order in which the system lists it.
 *
 * That order differs between machines: sort what decides a verdict. Needs `--allow-read`.
 *
 * @throws {Deno.errors.NotFound} If the root does not exist.
 * @throws {Deno.errors.NotADirectory} If the root is not a directory and `maxDepth` is above 0.
 */
export async function* walk(
  root: string | URL,
  options: WalkOptions = {},
): AsyncIterableIterator<WalkEntry> {
  const { maxDepth = Infinity, includeFiles = true, includeDirs = true } = options;
  if (maxDepth < 0) return;
  const start = pathString(root);
  if (includeDirs && isWanted(start, options)) yield await rootEntry(start);
  if (maxDepth < 1 || isSkipped(start, options)) return;
  for await (const entry of Deno.readDir(start)) {
    const found = { path: join(start, entry.name), ...entry };
    if (entry.isSymlink && !options.followSymlinks) {
      if ((options.includeSymlinks ?? true) && isWanted(found.path, options)) yield found;
      continue;
    }
    const { path, isLeaf } = await target(found, options);
    if (!isLeaf) yield* walk(path, { ...options, maxDepth: maxDepth - 1 });
    else if (includeFiles && isWanted(path, options)) yield { ...found, path };
  }
}

async function rootEntry(root: string): Promise<WalkEntry> {
  const path = normalize(root);
  const { isFile, isDirectory, isSymlink } = await Deno.stat(path);
  return { path, name: basename(path), isFile, isDirectory, isSymlink };
}

/** Where an entry leads, and whether there is nothing below it. */
async function target(
  entry: WalkEntry,
  { canonicalize = true }: WalkOptions,
): Promise<{ path: string; isLeaf: boolean }> {
  if (!entry.isSymlink) return { path: entry.path, isLeaf: !entry.isDirectory };
  const realPath = await Deno.realPath(entry.path);
  const { isDirectory, isSymlink } = await Deno.lstat(realPath);
  return { path: canonicalize ? realPath : entry.path, isLeaf: !isDirectory && !isSymlink };
}

function isWanted(path: string, options: WalkOptions): boolean {
  const { exts, match } = options;
  if (exts && !exts.some((ext) => path.endsWith(ext.startsWith(".") ? ext : `.${ext}`))) {
    return false;
  }
  if (match && !match.some((pattern) => path.match(pattern) !== null)) return false;
  return !isSkipped(path, options);
}

function isSkipped(path: string, { skip }: WalkOptions): boolean {
  return skip?.some((pattern) => path.match(pattern) !== null) ?? false;
}
