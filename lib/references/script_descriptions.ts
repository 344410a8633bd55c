import { scriptPath, scriptPermissions } from "../preflight/permissions.ts";
import type { Description } from "../command/describe.ts";

/** A script as it describes itself, with the permissions of its first line. */
export interface DescribedScript extends Description {
  permissions: string[];
}

async function describe(name: string): Promise<DescribedScript> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "--no-prompt", "--allow-env=WA_RELEASE_STEP", scriptPath(name), "--describe"],
    stdin: "null",
  }).output();
  if (code !== 0) {
    throw new Error(
      `Cannot describe ${name}: exit ${code}: ${new TextDecoder().decode(stderr).trim()}`,
    );
  }
  const description: Description = JSON.parse(new TextDecoder().decode(stdout));
  return { ...description, permissions: await scriptPermissions(name) };
}

/** Names of the scripts in `scripts/`, sorted. */
export async function scriptNames(root: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(`${root}/scripts`)) {
    if (entry.isFile && entry.name.endsWith(".ts")) names.push(entry.name.slice(0, -3));
  }
  return names.sort();
}

/** Asks every script for its declaration; four at a time, each in a process of its own. */
export async function describeScripts(root: string): Promise<DescribedScript[]> {
  const waiting = await scriptNames(root);
  const described: DescribedScript[] = [];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      described.push(await describe(name));
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return described.sort((a, b) => a.name < b.name ? -1 : 1);
}
