/**
 * Flushes a folder, so that a rename or a new name in it survives a power cut. Windows cannot open
 * a folder; there the file system's journal keeps the rename.
 */
function syncFolder(path: string): void {
  if (Deno.build.os === "windows") return;
  using folder = Deno.openSync(path);
  folder.syncSync();
}

function folderOf(path: string): string {
  const cut = Math.max(
    path.lastIndexOf("/"),
    Deno.build.os === "windows" ? path.lastIndexOf("\\") : -1,
  );
  return cut < 0 ? "." : cut === 0 ? "/" : path.slice(0, cut);
}

/** Writes all bytes to a new file beside the target and flushes them; returns the temporary name. */
function writeBeside(path: string, data: string | Uint8Array, mode?: number): string {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  try {
    using file = Deno.openSync(temporary, {
      write: true,
      createNew: true,
      ...(mode === undefined ? {} : { mode }),
    });
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
  } catch (error) {
    discard(temporary);
    throw error;
  }
  return temporary;
}

function discard(temporary: string): void {
  try {
    Deno.removeSync(temporary);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Replaces a file so that readers see the old content or the new one, never half, even after a
 * power cut: write beside it, flush, rename, flush the folder.
 *
 * The temporary file sits next to the target because renaming is atomic only within one file
 * system. A process killed half-way leaves at most that file, named `<target>.<uuid>.tmp`.
 *
 * @param mode File mode for a file that must be private, such as `0o600`.
 * @throws {Deno.errors.NotFound} If the folder does not exist.
 */
export function writeAtomic(
  path: string,
  data: string | Uint8Array,
  { mode }: { mode?: number } = {},
): Promise<void> {
  return Promise.try(() => {
    const temporary = writeBeside(path, data, mode);
    try {
      Deno.renameSync(temporary, path);
    } catch (error) {
      discard(temporary);
      throw error;
    }
    syncFolder(folderOf(path));
  });
}

/**
 * Creates a file with its whole content, or fails because the name is taken.
 *
 * A hard link is the one file system operation that both refuses an existing name and publishes a
 * complete file, so of several writers exactly one wins and no reader sees an empty file.
 *
 * @throws {Deno.errors.AlreadyExists} If the name is taken; nothing was changed.
 */
export function createExclusive(
  path: string,
  data: string | Uint8Array,
  { mode }: { mode?: number } = {},
): Promise<void> {
  return Promise.try(() => {
    const temporary = writeBeside(path, data, mode);
    try {
      Deno.linkSync(temporary, path);
    } finally {
      discard(temporary);
    }
    syncFolder(folderOf(path));
  });
}
