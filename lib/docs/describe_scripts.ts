import { join } from "@std/path/join";
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

/** A program that describes many scripts at once; see `lib/documents/describe_batch.ts`. */
export interface DescribeBatch {
  /** Absolute path of the program and of the configuration it runs with. */
  program: string;
  config: string;
  /** Folders it may read: the governed root and the program's own. */
  read: readonly string[];
}

/** Asks all scripts through one child; those it gives no answer for are missing from the result. */
async function describeTogether(
  root: string,
  paths: readonly string[],
  { program, config, read }: DescribeBatch,
  timeoutMs: number,
): Promise<Map<string, ScriptDeclaration>> {
  const { stdout } = await new Deno.Command("deno", {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--cached-only",
      "--config",
      config,
      `--allow-read=${read.join(",")}`,
      program,
      ...paths.map((path) => join(root, path)),
    ],
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(timeoutMs),
  }).output();
  const declarations = new Map<string, ScriptDeclaration>();
  for (const [i, line] of new TextDecoder().decode(stdout).trimEnd().split("\n").entries()) {
    const path = paths[i];
    const description = readLine(line);
    if (path !== undefined && description !== null) {
      declarations.set(path, readDeclaration(description));
    }
  }
  return declarations;
}

/** The description on one line of the child; null where a script printed something of its own. */
function readLine(line: string): unknown {
  try {
    return (JSON.parse(line) as { description?: unknown }).description ?? null;
  } catch {
    return null; // the script is asked alone, and what it says then is reported
  }
}

/**
 * Asks scripts for their declarations: together, and each that gave no answer alone with
 * `deno run SCRIPT --describe`. Either way without permission to write, run or reach the network,
 * so a script that would do more than answer is refused by the runtime.
 *
 * @returns By path, the declaration or the reason why there is none.
 */
export async function describeScripts(
  root: string,
  paths: readonly string[],
  { timeoutMs, batch }: { timeoutMs: number; batch?: DescribeBatch | undefined },
): Promise<Map<string, ScriptDeclaration | string>> {
  if (paths.length === 0) return new Map();
  const declarations = new Map<string, ScriptDeclaration | string>(
    batch === undefined ? [] : await describeTogether(root, paths, batch, timeoutMs),
  );
  const waiting = paths.filter((path) => !declarations.has(path));
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      declarations.set(path, await describeOne(root, path, timeoutMs));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return declarations;
}
