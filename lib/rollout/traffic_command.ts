import { fromFileUrl } from "@std/path/from-file-url";
import { redact } from "../scan/redact.ts";
import type { CommandProcess } from "./intent.ts";

/** Output of a command that is kept, per stream; the beginning is dropped, not the end. */
const KEPT_BYTES = 4000;
/** Between asking a process group to end and making it end, milliseconds. */
const GRACE_MS = 2000;

const GATE = fromFileUrl(new URL("./command_gate.ts", import.meta.url));

/** A command to run, without a shell, in a process group of its own. */
export interface TrafficCommand {
  argv: readonly [program: string, ...args: string[]];
  /** The whole environment of the command. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  timeoutMs: number;
  /** Ends the command like its time limit does. */
  signal: AbortSignal;
  /** Values kept out of the recorded output. */
  secrets: readonly string[];
  /** Called before the command starts; it does not start if this throws. */
  onStart(process: CommandProcess): Promise<void>;
}

/** What a command did. */
export interface CommandResult {
  /** `exited`: it ended by itself; `timeout` and `stopped`: its group was ended. */
  end: "exited" | "timeout" | "stopped";
  code: number;
  /** Last 4000 bytes, decoded with replacement, without secrets. */
  stdout: string;
  stderr: string;
}

/** Reads a stream to its end and keeps the last bytes only. */
async function tail(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  let kept = new Uint8Array(0);
  for await (const chunk of stream) {
    const both = new Uint8Array(kept.length + chunk.length);
    both.set(kept);
    both.set(chunk, kept.length);
    kept = both.slice(-KEPT_BYTES);
  }
  return kept;
}

/** Sends a signal to a process group. False if no process of it is left. */
function signalGroup(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(-pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Start time of a process as `ps` tells it; empty if there is no such process. */
async function startTime(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "lstart=", "-p", String(pid)],
    env: { LC_ALL: "C", TZ: "UTC" },
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** Whether a group has a process that still runs; one that is only not yet buried does not count. */
async function groupRuns(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-A", "-o", "pgid=,stat="],
    stdin: "null",
    stderr: "null",
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n").map((line) =>
    line.trim().split(/\s+/)
  );
  return lines.some(([group, state]) => group === String(pid) && !state?.startsWith("Z"));
}

/** Waits until no process of a group runs, or the time is over. */
async function groupGone(pid: number, withinMs: number): Promise<boolean> {
  const start = performance.now();
  while (await groupRuns(pid)) {
    if (performance.now() - start >= withinMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

/** Ends a process group: asks, waits, and makes it end. */
async function endGroup(pid: number): Promise<void> {
  if (!signalGroup(pid, "SIGTERM")) return;
  if (await groupGone(pid, GRACE_MS)) return;
  signalGroup(pid, "SIGKILL");
  await groupGone(pid, GRACE_MS);
}

/**
 * Ends what a dead executor left running. A process that merely has the same id now is told apart
 * by its start time and left alone.
 */
export async function endCommand({ pid, started }: CommandProcess): Promise<void> {
  const leader = await startTime(pid);
  if (leader !== "" && leader !== started) return;
  await endGroup(pid);
}

/** Resolves when the child has to be ended: its time is over, or the run is stopped. */
function limitOf(
  timeoutMs: number,
  signal: AbortSignal,
): { reached: Promise<"timeout" | "stopped">; [Symbol.dispose](): void } {
  const { promise, resolve } = Promise.withResolvers<"timeout" | "stopped">();
  const timer = setTimeout(() => resolve("timeout"), timeoutMs);
  const stop = (): void => resolve("stopped");
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return {
    reached: promise,
    [Symbol.dispose](): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    },
  };
}

/**
 * Runs a command to its end, its time limit, or the end of this run, whichever is first. When it
 * returns, no process of the command's group is left.
 *
 * Needs `--allow-run` for everything: only that lets a process group be signalled.
 */
export async function runTrafficCommand(command: TrafficCommand): Promise<CommandResult> {
  const child = new Deno.Command("deno", {
    args: ["run", "--no-prompt", "--no-config", "--no-lock", "--allow-run", GATE, ...command.argv],
    clearEnv: true,
    env: command.env,
    cwd: command.cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const output = Promise.all([tail(child.stdout), tail(child.stderr)]);
  const go = child.stdin.getWriter();
  try {
    await command.onStart({ pid: child.pid, started: await startTime(child.pid) });
    await go.write(new TextEncoder().encode("go\n"));
    using limit = limitOf(command.timeoutMs, command.signal);
    const first = await Promise.race([child.status, limit.reached]);
    const end = typeof first === "string" ? first : "exited";
    await endGroup(child.pid);
    const { code } = await child.status;
    const [stdout, stderr] = (await output).map((bytes) =>
      redact(new TextDecoder().decode(bytes), command.secrets)
    );
    return { end, code, stdout: stdout ?? "", stderr: stderr ?? "" };
  } finally {
    await go.close().catch(ignoreClosedPipe);
    await endGroup(child.pid);
  }
}

/** The command may have ended, and its pipe with it. */
function ignoreClosedPipe(error: unknown): void {
  if (!(error instanceof Deno.errors.BrokenPipe || error instanceof TypeError)) throw error;
}
