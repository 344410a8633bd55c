import { fromFileUrl } from "@std/path/from-file-url";
import { toolkitConfig } from "../../../lib/preflight/permissions.ts";
import type { Report } from "../../../lib/report/report.ts";
import { type Content, TempRepository } from "../../support/temp_repository.ts";

const PROBE = fromFileUrl(new URL("./probe.ts", import.meta.url));

/** A governed repository that the probe finds all it needs in. */
export function probeRepository(files: Record<string, Content> = {}): Promise<TempRepository> {
  return TempRepository.make({
    "deno.json": { version: "1.0.0" },
    "security/probe_policy.json": { version: 1 },
    ...files,
  });
}

interface ProbeOptions {
  cwd: string;
  env?: Record<string, string>;
}

/** Starts the probe as a script is started: with permissions that reach the working directory. */
export function spawnProbe(
  args: readonly string[],
  { cwd, env = {} }: ProbeOptions,
): Deno.ChildProcess {
  const names = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME"];
  const own = Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        "--no-prompt",
        "--config",
        toolkitConfig(),
        "--allow-read=.",
        "--allow-write=.data",
      ],
      ...["--allow-env=WA_PROBE_*,WA_RELEASE_*,GITHUB_ACTIONS", "--allow-run=git"],
      PROBE,
      ...args,
    ],
    cwd,
    clearEnv: true,
    env: { ...own, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** How the probe ended. */
export interface ProbeEnd {
  code: number;
  stdout: string;
  stderr: string;
  /** The newest report in `.data/out`. */
  report: Report & Record<string, unknown>;
}

/** Runs the probe to its end and reads the report it wrote. */
export async function runProbe(
  repository: TempRepository,
  args: readonly string[],
  { cwd = repository.root, env = {} }: Partial<ProbeOptions> = {},
): Promise<ProbeEnd> {
  return await endOf(repository, spawnProbe(args, { cwd, env }));
}

/** Waits for a probe that was started before. */
export async function endOf(
  repository: TempRepository,
  child: Deno.ChildProcess,
): Promise<ProbeEnd> {
  const { code, stdout, stderr } = await child.output();
  const reports = (await repository.list(".data/out")).filter((name) =>
    /^probe_.*\.json$/.test(name)
  );
  const newest = reports.at(-1);
  return {
    code,
    stdout: new TextDecoder().decode(stdout),
    stderr: new TextDecoder().decode(stderr),
    report: newest === undefined
      ? undefined as never
      : await repository.json(`.data/out/${newest}`),
  };
}
