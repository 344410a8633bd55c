import { normalize as posixNormalize } from "./_posix.ts";
import { normalize as windowsNormalize } from "./_windows.ts";

/**
 * Resolves `.`, `..` and repeated separators; a trailing separator stays, empty gives `.`.
 *
 * @throws {TypeError} If the path is not a string, or the URL is not a file URL.
 */
export function normalize(path: string | URL): string {
  return Deno.build.os === "windows" ? windowsNormalize(path) : posixNormalize(path);
}
