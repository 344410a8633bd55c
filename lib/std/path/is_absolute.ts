import { isAbsolute as posixIsAbsolute } from "./_posix.ts";
import { isAbsolute as windowsIsAbsolute } from "./_windows.ts";

/**
 * Whether a path is independent of the working directory.
 *
 * @throws {TypeError} If the path is not a string.
 */
export function isAbsolute(path: string): boolean {
  return Deno.build.os === "windows" ? windowsIsAbsolute(path) : posixIsAbsolute(path);
}
