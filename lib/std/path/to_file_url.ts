import { toFileUrl as posixToFileUrl } from "./_posix.ts";
import { toFileUrl as windowsToFileUrl } from "./_windows.ts";

/**
 * File URL of an absolute path.
 *
 * @throws {TypeError} If the path is relative.
 */
export function toFileUrl(path: string): URL {
  return Deno.build.os === "windows" ? windowsToFileUrl(path) : posixToFileUrl(path);
}
