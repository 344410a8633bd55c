/**
 * Starts one command for the executor, and outlives neither the command nor the executor.
 *
 * The executor starts this as the leader of a new process group and writes the group's id to the
 * journal. Only then does it send one line, and the command starts. The line's pipe stays open: when
 * it ends, the executor is gone, and the whole group is killed. So a killed executor leaves no
 * command behind that could still move traffic, and no command runs that the journal does not know.
 *
 * @module
 */

/** Reads up to the first line end. False if the pipe ended before. */
async function goAhead(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<boolean> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return false;
    if (value.includes(10)) return true;
  }
}

async function untilEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

/** Exit code of a command that could not be started, as `env` and `timeout` use it. */
const CANNOT_START = 127;

async function run([program = "", ...args]: string[]): Promise<number> {
  const reader = Deno.stdin.readable.getReader();
  if (!await goAhead(reader)) return CANNOT_START;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, stdin: "null" }).spawn();
  } catch (error) {
    await Deno.stderr.write(new TextEncoder().encode(`${(error as Error).message}\n`));
    return CANNOT_START;
  }
  const orphaned = untilEnd(reader).then(() => {
    Deno.kill(-Deno.pid, "SIGKILL"); // the whole group, this process included
  });
  const ended = child.status;
  const first = await Promise.race([ended, orphaned]);
  return first?.code ?? CANNOT_START;
}

if (import.meta.main) Deno.exit(await run(Deno.args));
