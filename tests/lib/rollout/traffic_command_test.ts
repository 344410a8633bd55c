import { assertEquals } from "@std/assert/equals";
import { join } from "@std/path/join";
import type { CommandProcess } from "../../../lib/rollout/intent.ts";
import { endCommand, runTrafficCommand } from "../../../lib/rollout/traffic_command.ts";
import type { TrafficCommand } from "../../../lib/rollout/traffic_command.ts";

const ENV = Object.fromEntries(
  ["PATH", "HOME", "DENO_DIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }),
);

function command(
  argv: TrafficCommand["argv"],
  change: Partial<TrafficCommand> = {},
): TrafficCommand {
  return {
    argv,
    env: ENV,
    cwd: Deno.cwd(),
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    secrets: [],
    onStart: () => Promise.resolve(),
    ...change,
  };
}

Deno.test("runTrafficCommand() passes arguments as they are, and no shell reads them", async () => {
  const { code, stdout } = await runTrafficCommand(
    command(["printf", "%s|", "a b", "$HOME", "*", ";"]),
  );
  assertEquals([code, stdout], [0, "a b|$HOME|*|;|"]);
});

Deno.test("a command gets the end of file on standard input", async () => {
  const { end, code } = await runTrafficCommand(command(["cat"]));
  assertEquals([end, code], ["exited", 0]);
});

Deno.test("output that is not UTF-8 does not make a success into a failure", async () => {
  const { code, stdout } = await runTrafficCommand(command(["printf", "\\377ok"]));
  assertEquals([code, stdout], [0, "\ufffdok"]);
});

Deno.test("the environment is what was given, and secrets are cut out of the output", async () => {
  const env = { ...ENV, WA_TRAFFIC_TOKEN: "a-secret-value" };
  const { stdout } = await runTrafficCommand(
    command(["env"], { env, secrets: ["a-secret-value"] }),
  );
  const names = stdout.split("\n").map((line) => line.split("=")[0]).filter(Boolean).sort();
  assertEquals(names, Object.keys(env).sort());
  assertEquals(stdout.includes("a-secret-value"), false);
});

Deno.test("only the end of a long output is kept", async () => {
  const { stdout } = await runTrafficCommand(command(["seq", "1", "5000"]));
  assertEquals([stdout.length, stdout.endsWith("5000\n")], [4000, true]);
});

Deno.test("a program that is not there is an exit code, not an exception", async () => {
  const { end, code } = await runTrafficCommand(command(["no-such-program"]));
  assertEquals([end, code], ["exited", 127]);
});

Deno.test("at the time limit the whole process group ends, grandchildren too", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const late = join(folder, "late");
    const script = `(sleep 30; touch ${late}) & sleep 30`;
    let leader = 0;
    const { end } = await runTrafficCommand(command(["sh", "-c", script], {
      timeoutMs: 400,
      onStart: ({ pid }) => {
        leader = pid;
        return Promise.resolve();
      },
    }));
    assertEquals(end, "timeout");
    const ps = await new Deno.Command("ps", { args: ["-A", "-o", "pgid=,stat="] }).output();
    const running = new TextDecoder().decode(ps.stdout).split("\n").map((line) => line.trim())
      .filter((line) => line.startsWith(`${leader} `) && !line.endsWith("Z"));
    assertEquals(running, []);
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), [], "nothing had its late effect");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the end of the run ends the command", async () => {
  const controller = new AbortController();
  const running = runTrafficCommand(command(["sleep", "30"], {
    signal: controller.signal,
    onStart: () => {
      controller.abort();
      return Promise.resolve();
    },
  }));
  assertEquals((await running).end, "stopped");
});

Deno.test("a command whose start cannot be put on record does not start", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const mark = join(folder, "started");
    const refused = runTrafficCommand(command(["touch", mark], {
      onStart: () => Promise.reject(new Error("disk full")),
    }));
    assertEquals(await refused.catch((error) => error.message), "disk full");
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("endCommand() leaves a process alone that only has the same id", async () => {
  const child = new Deno.Command("sleep", { args: ["30"], detached: true }).spawn();
  try {
    const other: CommandProcess = { pid: child.pid, started: "Thu Jan  1 00:00:00 1970" };
    await endCommand(other);
    Deno.kill(child.pid, "SIGCONT"); // throws if it is gone
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});
