/**
 * Child program: imports scripts and prints their declarations, one JSON line each. One process for
 * all of them costs about as much as `--describe` on one.
 *
 * It runs with permission to read only, so a script that does more than declare itself fails here
 * and is asked alone.
 * @module
 */
import { toFileUrl } from "@std/path/to-file-url";
import type { Command } from "../command/command.ts";
import { describe } from "../command/describe.ts";

async function describeOne(path: string): Promise<unknown> {
  const { command } = await import(toFileUrl(path).href) as { command?: Command };
  return command === undefined ? undefined : describe(command);
}

if (import.meta.main) {
  for (const path of Deno.args) {
    let answer: unknown;
    try {
      answer = await describeOne(path);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      answer = undefined; // the caller asks the script itself, and reports what it says
    }
    const line = `${JSON.stringify({ path, description: answer ?? null })}\n`;
    Deno.stdout.writeSync(new TextEncoder().encode(line));
  }
}
