import { join as posixJoin } from "./_posix.ts";
import { join as windowsJoin } from "./_windows.ts";

/**
 * Joins segments with the platform's separator and normalizes the result.
 *
 * Empty segments are skipped; if nothing is left the result is `.`.
 *
 * @throws {TypeError} If a segment is not a string, or the URL is not a file URL.
 */
export function join(path: string | URL, ...paths: string[]): string {
  return Deno.build.os === "windows" ? windowsJoin(path, ...paths) : posixJoin(path, ...paths);
}
