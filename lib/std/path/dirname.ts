import { dirname as posixDirname } from "./_posix.ts";
import { dirname as windowsDirname } from "./_windows.ts";

/**
 * Everything before the last segment: `.` when that is nothing, the root for the root.
 *
 * @throws {TypeError} If the path is not a string, or the URL is not a file URL.
 */
export function dirname(path: string | URL): string {
  return Deno.build.os === "windows" ? windowsDirname(path) : posixDirname(path);
}
