import { parse as posixParse } from "./_posix.ts";
import { parse as windowsParse } from "./_windows.ts";
import type { ParsedPath } from "./types.ts";

export type { ParsedPath } from "./types.ts";

/**
 * Takes a path apart; nothing is normalized.
 *
 * @throws {TypeError} If the path is not a string.
 */
export function parse(path: string): ParsedPath {
  return Deno.build.os === "windows" ? windowsParse(path) : posixParse(path);
}
