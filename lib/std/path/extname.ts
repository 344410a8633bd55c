import { extname as posixExtname } from "./_posix.ts";
import { extname as windowsExtname } from "./_windows.ts";

/**
 * Extension of a path with its dot; empty for dot files and for none.
 *
 * @throws {TypeError} If the path is not a string, or the URL is not a file URL.
 */
export function extname(path: string | URL): string {
  return Deno.build.os === "windows" ? windowsExtname(path) : posixExtname(path);
}
