import { fromFileUrl } from "@std/path/from-file-url";
import { toolkitConfig } from "../../lib/preflight/permissions.ts";

/** Starts a module of the tests as a process of its own; it may read and write, and nothing else. */
export function spawnModule(
  url: URL,
  args: readonly string[],
  { stdin = "null" }: { stdin?: "null" | "piped" } = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--config", toolkitConfig(), "--allow-read", "--allow-write"],
      fromFileUrl(url),
      ...args,
    ],
    stdin,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Reads from a child until it has written so many bytes; fewer when it ends before that. */
export async function readAtLeast(child: Deno.ChildProcess, bytes: number): Promise<void> {
  const reader = child.stdout.getReader();
  for (let seen = 0; seen < bytes;) {
    const { value, done } = await reader.read();
    if (done) break;
    seen += value.length;
  }
  reader.releaseLock();
}

/** Kills a child that may have ended already, and waits until it is gone. */
export async function killHard(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.stdout.cancel();
  await child.status;
}
