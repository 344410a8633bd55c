import { sweepMarked } from "./sweep.ts";

/** How a child process ended. */
export interface ChildEnd {
  code: number;
  stdout: string;
  stderr: string;
  /** Why it was ended before it was done. */
  stopped?: "timeout" | "interrupted";
}

/** How long a child may take to end by itself once it was asked to, milliseconds. */
const GRACE_MS = 5_000;

/**
 * Runs a command to its end, through dax, with captured output and a time limit.
 *
 * A child that is out of time, or whose run was interrupted, gets SIGTERM, after a grace period
 * SIGKILL, and what it started is ended too: every process that carries `marker` in its
 * environment. A grandchild may hold the pipes open after its parent is gone, so that is not
 * waited for.
 *
 * @param marker An environment variable, `NAME=value`, that no other process carries.
 */
export async function runChild(
  command: readonly string[],
  { cwd, env, timeoutMs, signal, marker }: {
    cwd: string;
    env: Record<string, string>;
    timeoutMs: number;
    signal: AbortSignal;
    marker: string;
  },
): Promise<ChildEnd> {
  const { default: $ } = await import("dax-sh");
  const child = $`${command}`.cwd(cwd).env(env).stdin("null").stdout("piped").stderr("piped")
    .noThrow().spawn();
  let stopped: ChildEnd["stopped"];
  let swept: Promise<number[]> | undefined;
  let kill: ReturnType<typeof setTimeout> | undefined;
  const stop = (why: NonNullable<ChildEnd["stopped"]>): void => {
    if (stopped !== undefined) return;
    stopped = why;
    child.kill("SIGTERM");
    kill = setTimeout(() => {
      child.kill("SIGKILL");
      swept = sweepMarked(marker);
    }, GRACE_MS);
  };
  const interrupt = (): void => stop("interrupted");
  const limit = setTimeout(() => stop("timeout"), timeoutMs);
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    const { code, stdout, stderr } = await child;
    return { code, stdout, stderr, ...(stopped === undefined ? {} : { stopped }) };
  } finally {
    clearTimeout(limit);
    clearTimeout(kill);
    signal.removeEventListener("abort", interrupt);
    await swept;
    if (stopped !== undefined) await sweepMarked(marker);
  }
}
