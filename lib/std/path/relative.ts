import { relative as posixRelative } from "./_posix.ts";
import { relative as windowsRelative } from "./_windows.ts";

/**
 * Path that leads from one path to another; both count from the working directory.
 *
 * @throws {TypeError} If an argument is not a string.
 */
export function relative(from: string, to: string): string {
  return Deno.build.os === "windows" ? windowsRelative(from, to) : posixRelative(from, to);
}
