/**
 * Runs one reader command in a process group of its own, and leaves nothing of it behind.
 *
 * The gate that starts this may not signal process groups. So this small program does: it passes
 * the reader's output through, and ends the reader with everything it started as soon as the
 * reader is done, or its own standard input ends (out of time, interrupted, or the gate is gone).
 *
 * @module
 */

/** Exit code of a program that could not be started, as `env` and `timeout` use it. */
export const CANNOT_START = 127;

async function untilEnd(stream: ReadableStream<Uint8Array>): Promise<void> {
  for await (const _ of stream); // nothing is ever sent: only the end counts
}

function endGroup(leader: number): void {
  try {
    Deno.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // nothing of it is left
  }
}

async function run([program = "", ...args]: string[]): Promise<number> {
  let reader: Deno.ChildProcess;
  try {
    reader = new Deno.Command(program, { args, stdin: "null", detached: true }).spawn();
  } catch (error) {
    await Deno.stderr.write(new TextEncoder().encode(`${(error as Error).message}\n`));
    return CANNOT_START;
  }
  const first = await Promise.race([reader.status, untilEnd(Deno.stdin.readable)]);
  endGroup(reader.pid);
  return (first ?? await reader.status).code;
}

if (import.meta.main) Deno.exit(await run(Deno.args));
