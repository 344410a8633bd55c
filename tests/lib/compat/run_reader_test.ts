import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type ReaderEnd, runReader } from "../../../lib/compat/run_reader.ts";

async function run(
  argv: string[],
  { timeoutMs = 60_000, signal = new AbortController().signal, cwd = "." } = {},
): Promise<ReaderEnd & { text: string }> {
  const names = ["PATH", "HOME", "DENO_DIR", "TMPDIR"];
  const env = Object.fromEntries(
    names.flatMap((name) => Deno.env.get(name) === undefined ? [] : [[name, Deno.env.get(name)!]]),
  );
  const end = await runReader(argv, { cwd, env, timeoutMs, signal });
  return { ...end, text: new TextDecoder().decode(end.stdout) };
}

/** Whether a process runs; one that is only not yet buried does not. */
async function runs(pid: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid] }).output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

async function appears(path: string): Promise<string> {
  for (;;) {
    try {
      const text = await Deno.readTextFile(path);
      if (text.endsWith("\n")) return text.trim();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("runReader() passes output and exit code through, without a shell", async () => {
  const end = await run(["printf", "%s", "$HOME; {}"]);
  assertEquals([end.end, end.code, end.text], ["exited", 0, "$HOME; {}"]);
  const failing = await run(["sh", "-c", "echo no >&2; exit 3"]);
  assertEquals([failing.code, failing.stderr], [3, "no"]);
});

Deno.test("runReader() gives the program no variable it was not told to", async () => {
  Deno.env.set("WA_TEST_READER_SECRET", "hidden");
  try {
    assert(!(await run(["env"])).text.includes("hidden"));
  } finally {
    Deno.env.delete("WA_TEST_READER_SECRET");
  }
});

Deno.test("runReader() says that a program cannot be started", async () => {
  const end = await run(["no-such-program-anywhere"]);
  assertEquals(end.code, 127);
  assertStringIncludes(end.stderr, "no-such-program-anywhere");
});

Deno.test("runReader() ends a program that is out of time", async () => {
  assertEquals((await run(["sleep", "600"], { timeoutMs: 200 })).end, "timeout");
});

Deno.test("runReader() ends a program that prints without end", async () => {
  assertEquals((await run(["yes"])).end, "too_large");
});

Deno.test("runReader() leaves nothing behind that the program started", async () => {
  const cwd = await Deno.makeTempDir();
  const interruption = new AbortController();
  const { signal } = interruption;
  const running = run(["sh", "-c", "sleep 600 & echo $! > pid; wait"], { cwd, signal });
  const pid = await appears(`${cwd}/pid`);
  assert(await runs(pid));
  interruption.abort();
  assertEquals((await running).end, "interrupted");
  assert(!await runs(pid));
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("runReader() does not wait for what a finished program left running", async () => {
  const cwd = await Deno.makeTempDir();
  const end = await run(["sh", "-c", "sleep 600 & echo $! > pid; echo '{}'"], { cwd });
  assertEquals([end.end, end.code, end.text], ["exited", 0, "{}\n"]);
  assert(!await runs(await appears(`${cwd}/pid`)));
  await Deno.remove(cwd, { recursive: true });
});
