/**
 * Copying of files, links and directory trees.
 * @module
 */
import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";
import { ensureDir } from "./ensure_dir.ts";
import { isSubdir } from "./_is_subdir.ts";
import { pathString } from "./_path_string.ts";

/** How {@linkcode copy} treats an existing destination and times. */
export interface CopyOptions {
  /**
   * Whether existing files are replaced and existing directories merged into.
   *
   * @default {false}
   */
  overwrite?: boolean;
  /**
   * Whether access and modification times are taken over instead of set to now.
   *
   * @default {false}
   */
  preserveTimestamps?: boolean;
}

/**
 * Copies a file, a link or a directory with everything in it. Needs `--allow-read` and `--allow-write`.
 *
 * @throws {Deno.errors.AlreadyExists} If the destination exists and `overwrite` is not set.
 * @throws {Error} If source and destination are the same, one directory would be copied into itself,
 * or a directory would replace something else.
 */
export async function copy(
  src: string | URL,
  dest: string | URL,
  options: CopyOptions = {},
): Promise<void> {
  const from = resolve(pathString(src));
  const to = resolve(pathString(dest));
  if (from === to) throw new Error("Source and destination cannot be the same");
  const info = await Deno.lstat(from);
  if (info.isDirectory && isSubdir(from, to)) {
    throw new Error(`Cannot copy '${from}' to a subdirectory of itself: '${to}'`);
  }
  await copyEntry(info, from, to, options);
}

type EntryKind = Pick<Deno.FileInfo, "isDirectory" | "isFile" | "isSymlink">;

async function copyEntry(
  kind: EntryKind,
  from: string,
  to: string,
  options: CopyOptions,
): Promise<void> {
  if (kind.isSymlink) await copyLink(from, to, options);
  else if (kind.isDirectory) await copyDirectory(from, to, options);
  else if (kind.isFile) await copyFile(from, to, options);
}

async function copyFile(from: string, to: string, options: CopyOptions): Promise<void> {
  await requireFree(from, to, options, false);
  await Deno.copyFile(from, to);
  if (options.preserveTimestamps) await copyTimes(await Deno.stat(from), to);
}

async function copyLink(from: string, to: string, options: CopyOptions): Promise<void> {
  await requireFree(from, to, options, false);
  const target = await Deno.readLink(from);
  if (Deno.build.os === "windows") await Deno.symlink(target, to, { type: "file" });
  else await Deno.symlink(target, to);
  if (options.preserveTimestamps) await copyTimes(await Deno.lstat(from), to);
}

async function copyDirectory(from: string, to: string, options: CopyOptions): Promise<void> {
  await requireFree(from, to, options, true);
  await ensureDir(to);
  if (options.preserveTimestamps) await copyTimes(await Deno.stat(from), to);
  for await (const entry of Deno.readDir(from)) {
    await copyEntry(entry, join(from, entry.name), join(to, entry.name), options);
  }
}

/** Refuses a destination that exists and may not be written over. */
async function requireFree(
  from: string,
  to: string,
  { overwrite }: CopyOptions,
  isDirectory: boolean,
): Promise<void> {
  const existing = await lstatIfPresent(to);
  if (existing === undefined) return;
  if (isDirectory && !existing.isDirectory) {
    throw new Error(`Cannot overwrite non-directory '${to}' with directory '${from}'`);
  }
  if (!overwrite) throw new Deno.errors.AlreadyExists(`'${to}' already exists.`);
}

async function lstatIfPresent(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function copyTimes({ atime, mtime }: Deno.FileInfo, to: string): Promise<void> {
  if (atime === null || mtime === null) {
    throw new TypeError(`Cannot preserve the times of '${to}': the file system reports none`);
  }
  await Deno.utime(to, atime, mtime);
}
