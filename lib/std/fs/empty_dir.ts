/**
 * Directory emptying.
 * @module
 */
import { join } from "@std/path/join";
import { pathString } from "./_path_string.ts";

/**
 * Removes everything in a directory, or creates it. Needs `--allow-read` and `--allow-write`.
 *
 * @throws {Deno.errors.NotADirectory} If the path is a file.
 */
export async function emptyDir(dir: string | URL): Promise<void> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(dir));
    const paths = entries.map((entry) => join(pathString(dir), entry.name));
    await Promise.all(paths.map((path) => Deno.remove(path, { recursive: true })));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await Deno.mkdir(dir, { recursive: true });
  }
}
