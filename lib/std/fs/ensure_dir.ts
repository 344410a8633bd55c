/**
 * Directory creation that does not mind an existing directory.
 * @module
 */

/**
 * Creates a directory and its parents unless it is there. Needs `--allow-read` and `--allow-write`.
 *
 * @throws {Error} If the path exists and is not a directory.
 */
export async function ensureDir(dir: string | URL): Promise<void> {
  try {
    requireDirectory(await Deno.stat(dir));
    return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    await Deno.mkdir(dir, { recursive: true });
  } catch (error) { // another process may have been faster
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    requireDirectory(await Deno.stat(dir));
  }
}

function requireDirectory(info: Deno.FileInfo): void {
  if (info.isDirectory) return;
  const found = info.isFile ? "file" : info.isSymlink ? "symlink" : undefined;
  throw new Error(`Failed to ensure directory exists: expected 'dir', got '${found}'`);
}
