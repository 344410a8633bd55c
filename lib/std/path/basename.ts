import { basename as posixBasename } from "./_posix.ts";
import { basename as windowsBasename } from "./_windows.ts";

/**
 * Last segment of a path, without `suffix` if it ends in it and something is left.
 *
 * @throws {TypeError} If an argument is not a string, or the URL is not a file URL.
 */
export function basename(path: string | URL, suffix = ""): string {
  return Deno.build.os === "windows" ? windowsBasename(path, suffix) : posixBasename(path, suffix);
}
