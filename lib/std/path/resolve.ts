import { resolve as posixResolve } from "./_posix.ts";
import { resolve as windowsResolve } from "./_windows.ts";

/**
 * Absolute path of segments read left to right, starting from the working directory.
 *
 * @throws {TypeError} If a segment is not a string.
 */
export function resolve(...pathSegments: string[]): string {
  return Deno.build.os === "windows"
    ? windowsResolve(...pathSegments)
    : posixResolve(...pathSegments);
}
