import { scriptPath, scriptPermissions, toolkitConfig } from "../../lib/preflight/permissions.ts";
import type { Report } from "../../lib/report/report.ts";

/** How a script ended. */
export interface ScriptEnd {
  code: number;
  stdout: string;
  stderr: string;
  /** The report on stdout, where it was run with `--json`. */
  report: Report & Record<string, unknown>;
}

/**
 * The environment children need to find programs and the module cache; nothing else of the caller's
 * reaches them, so no variable of the machine changes a test.
 */
function bareEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR", "LANG"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/**
 * The command line that runs a script under exactly the permissions of its first line.
 *
 * @param preload A module that is run before the script.
 */
export async function scriptArgs(
  script: string,
  args: readonly string[],
  preload?: string,
): Promise<string[]> {
  return [
    "run",
    ...(preload === undefined ? [] : ["--preload", preload]),
    "--config",
    toolkitConfig(),
    ...await scriptPermissions(script),
    scriptPath(script),
    ...args,
  ];
}

/** Where a script runs, and with what around it. */
export interface ScriptPlace {
  root: string;
  env?: Record<string, string>;
  /** A module that is run before the script, in its process. */
  preload?: string;
  /** A program, with its first arguments, that starts the script; such as `unshare`. */
  starter?: string[];
}

/** Starts a script in `root`, under exactly its own permissions. */
export async function spawnScript(
  script: string,
  args: readonly string[],
  { root, env = {}, preload, starter = [] }: ScriptPlace,
): Promise<Deno.ChildProcess> {
  const [program = "", ...words] = [...starter, Deno.execPath()];
  return new Deno.Command(program, {
    args: [...words, ...await scriptArgs(script, args, preload)],
    cwd: root,
    clearEnv: true,
    env: { ...bareEnvironment(), NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a script to its end; its report is parsed when it was run with `--json`. */
export async function runScript(
  script: string,
  args: readonly string[],
  options: ScriptPlace,
): Promise<ScriptEnd> {
  const child = await spawnScript(script, args, options);
  const output = await child.output();
  const stdout = new TextDecoder().decode(output.stdout);
  const stderr = new TextDecoder().decode(output.stderr);
  const report = args.includes("--json") && stdout.startsWith("{") ? JSON.parse(stdout) : undefined;
  return { code: output.code, stdout, stderr, report };
}

/** Ids of the failed checks of a report. */
export function failedIds(report: Pick<Report, "checks">): string[] {
  return report.checks.filter((check) => !check.ok).map((check) => check.id);
}
