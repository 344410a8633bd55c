import { readDeclaration, type ScriptDeclaration } from "./script_declaration.ts";

/** Scripts described at the same time. */
const PARALLEL = 4;

/** Whether a script's source says that it answers `--describe`. */
export function isDescribable(path: string, source: string): boolean {
  return /\.(?:m?ts|m?js)$/.test(path) && /\bdefineCommands?\s*\(/.test(source) &&
    /^#!.*\bdeno\b/.test(source);
}

async function describeOne(
  root: string,
  path: string,
  timeoutMs: number,
): Promise<ScriptDeclaration | string> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { success, stdout } = await new Deno.Command("deno", {
      args: ["run", "--quiet", "--no-prompt", "--cached-only", path, "--describe"],
      cwd: root,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal,
    }).output();
    if (signal.aborted) return `gave no answer in ${timeoutMs} ms`;
    if (!success) return "--describe failed";
    return readDeclaration(JSON.parse(new TextDecoder().decode(stdout)));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return (error as Error).message;
  }
}

/**
 * Asks scripts for their declarations: `deno run SCRIPT --describe`, without any permission and
 * without network, so a script that would do more than answer is refused by the runtime.
 *
 * @returns By path, the declaration or the reason why there is none.
 */
export async function describeScripts(
  root: string,
  paths: readonly string[],
  { timeoutMs }: { timeoutMs: number },
): Promise<Map<string, ScriptDeclaration | string>> {
  const declarations = new Map<string, ScriptDeclaration | string>();
  const waiting = [...paths];
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      declarations.set(path, await describeOne(root, path, timeoutMs));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return declarations;
}
