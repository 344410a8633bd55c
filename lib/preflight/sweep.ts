/**
 * Finds processes by an entry of their environment. The runtime itself refuses to open
 * `/proc/<pid>/environ` short of every permission there is, so `grep` is asked.
 */
async function carriers(marker: string): Promise<number[]> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", 'grep -lsazFx -- "$1" /proc/[0-9]*/environ', "sh", marker],
    env: { [marker.slice(0, marker.indexOf("="))]: "" },
    stderr: "null",
  }).output();
  return [...new TextDecoder().decode(stdout).matchAll(/^\/proc\/(\d+)\//gm)].map((match) =>
    Number(match[1])
  );
}

/**
 * Ends every process that carries `marker` (`NAME=value`) in its environment: whatever a step
 * started and left behind, even in a session of its own. Build servers find leftovers the same way.
 *
 * Reads `/proc`, so it works on Linux; elsewhere only the direct child was ended.
 *
 * @returns The processes that were ended.
 */
export async function sweepMarked(marker: string): Promise<number[]> {
  if (Deno.build.os !== "linux") return [];
  const ended: number[] = [];
  for (const pid of await carriers(marker)) {
    if (pid === Deno.pid) continue;
    try {
      Deno.kill(pid, "SIGKILL");
      ended.push(pid);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it ended by itself
    }
  }
  return ended;
}
