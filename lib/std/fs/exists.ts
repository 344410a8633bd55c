/**
 * Existence of a file or directory.
 * @module
 */

/** Narrows what {@linkcode exists} counts as existing. */
export interface ExistsOptions {
  /**
   * Whether the owner, group or other bits must let this user read. Asks for `--allow-sys=uid,gid`.
   *
   * @default {false}
   */
  isReadable?: boolean;
  /**
   * Whether it must be a directory. Not together with `isFile`.
   *
   * @default {false}
   */
  isDirectory?: boolean;
  /**
   * Whether it must be a regular file. Not together with `isDirectory`.
   *
   * @default {false}
   */
  isFile?: boolean;
}

/**
 * Tells whether a path exists; links are followed, so a dangling one does not.
 *
 * The answer may be outdated when it arrives: opening the file and treating
 * `Deno.errors.NotFound` is safer wherever the file is used anyway. Needs `--allow-read`.
 *
 * @throws {TypeError} If the path exists and both `isFile` and `isDirectory` are asked for.
 * @throws {Deno.errors.NotCapable} If read permission is missing.
 */
export async function exists(path: string | URL, options?: ExistsOptions): Promise<boolean> {
  try {
    return matches(await Deno.stat(path), options ?? {});
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.PermissionDenied && await mayAsk(path)) {
      return !options?.isReadable; // there, but behind a directory this user cannot search
    }
    throw error;
  }
}

function matches(info: Deno.FileInfo, { isReadable, isDirectory, isFile }: ExistsOptions): boolean {
  if (isDirectory && isFile) {
    throw new TypeError(
      "ExistsOptions.options.isDirectory and ExistsOptions.options.isFile must not be true together",
    );
  }
  if ((isDirectory && !info.isDirectory) || (isFile && !info.isFile)) return false;
  return !isReadable || ownerMayRead(info);
}

function ownerMayRead({ mode, uid, gid }: Deno.FileInfo): boolean {
  if (mode === null) return true; // no mode bits on this platform
  if (Deno.uid() === uid) return (mode & 0o400) !== 0;
  if (Deno.gid() === gid) return (mode & 0o040) !== 0;
  return (mode & 0o004) !== 0;
}

async function mayAsk(path: string | URL): Promise<boolean> {
  return (await Deno.permissions.query({ name: "read", path })).state === "granted";
}
