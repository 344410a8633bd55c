import { fromFileUrl } from "@std/path/from-file-url";

/** Absolute path of a script of this toolkit. */
export function scriptPath(script: string): string {
  return fromFileUrl(new URL(`../../scripts/${script}.ts`, import.meta.url));
}

/** Absolute path of this toolkit's `deno.json`, which a child in another folder must be told. */
export function toolkitConfig(): string {
  return fromFileUrl(new URL("../../deno.json", import.meta.url));
}

/** Linux cuts a longer first line silently, and the last permission with it. */
const LONGEST_SHEBANG_BYTES = 254;

/**
 * The permissions of a script. Its first line is the one place where they are declared: whoever
 * runs the file gets them from there, and preflight, tasks and documents read them from there.
 *
 * @returns Arguments for `deno run`, such as `--no-prompt`, `--allow-read=.`.
 * @throws {SyntaxError} If the first line is not a shebang for `deno run`, or too long.
 */
export function permissionsIn(source: string, script: string): string[] {
  const [first = ""] = source.split("\n", 1);
  const match = /^#!\/usr\/bin\/env -S deno run (.+)$/.exec(first);
  if (match === null) {
    throw new SyntaxError(`scripts/${script}.ts does not begin with its permissions`);
  }
  if (new TextEncoder().encode(first).length > LONGEST_SHEBANG_BYTES) {
    throw new SyntaxError(
      `scripts/${script}.ts: first line is over ${LONGEST_SHEBANG_BYTES} bytes`,
    );
  }
  return match[1]!.trim().split(/\s+/);
}

/** Reads the permissions of a script of this toolkit. */
export async function scriptPermissions(script: string): Promise<string[]> {
  return permissionsIn(await Deno.readTextFile(scriptPath(script)), script);
}
