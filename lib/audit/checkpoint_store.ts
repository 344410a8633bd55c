/**
 * The checkpoints made in a workspace: the newest beside the log, and all of them one a line.
 *
 * @module
 */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { writeAtomic } from "../store/write_atomic.ts";

/** The newest checkpoint of the log in this folder. */
export function checkpointPath(log: string): string {
  return `${log.replace(/\.ndjson$/, "")}.checkpoint`;
}

/** The newest checkpoint made here; `undefined` if there is none. */
export async function readOwnCheckpoint(log: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(checkpointPath(log));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Makes a note the newest checkpoint and adds it to those made before. */
export async function storeCheckpoint(log: string, note: string, nowS: number): Promise<void> {
  await writeAtomic(checkpointPath(log), note);
  const row = `${JSON.stringify({ signed_at: nowS, note })}\n`;
  using file = await Deno.open(join(dirname(log), "checkpoints.ndjson"), {
    append: true,
    create: true,
  });
  await file.write(new TextEncoder().encode(row));
  await file.sync();
}
