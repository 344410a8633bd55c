/**
 * Moving of files and directories.
 * @module
 */
import { resolve } from "@std/path/resolve";
import { isSubdir } from "./_is_subdir.ts";
import { pathString } from "./_path_string.ts";

/** How {@linkcode move} treats an existing destination. */
export interface MoveOptions {
  /**
   * Whether an existing destination is removed first.
   *
   * @default {false}
   */
  overwrite?: boolean;
}

class SubdirectoryMoveError extends Error {
  override name = "SubdirectoryMoveError";

  constructor(src: string | URL, dest: string | URL) {
    super(`Cannot move '${src}' to a subdirectory of itself, '${dest}'.`);
  }
}

/**
 * Renames a file or directory within one file system. Needs `--allow-read` and `--allow-write`.
 *
 * @throws {Deno.errors.AlreadyExists} If the destination exists and `overwrite` is not set.
 * @throws {Error} If a directory would be moved onto or into itself.
 */
export async function move(
  src: string | URL,
  dest: string | URL,
  options?: Readonly<MoveOptions>,
): Promise<void> {
  const from = resolve(pathString(src));
  const to = resolve(pathString(dest));
  const { isDirectory } = await Deno.stat(src);
  if (isDirectory && (from === to || isSubdir(from, to))) {
    throw new SubdirectoryMoveError(src, dest);
  }
  if (options?.overwrite) {
    if (from === to) return;
    await removeIfPresent(dest);
  } else if (await isPresent(dest)) {
    throw new Deno.errors.AlreadyExists("dest already exists.");
  }
  await Deno.rename(src, dest);
}

async function removeIfPresent(path: string | URL): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function isPresent(path: string | URL): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
