import { join } from "@std/path/join";
import { createExclusive, writeAtomic } from "../store/write_atomic.ts";
import { Intent, isPending } from "./intent.ts";
import type { JournalPort } from "./rollout_ports.ts";

/** Folder of the journal, relative to the governed root. */
export const INTENTS_DIR = ".data/rollout/intents";

/** A journalled intent cannot be read; it was not touched, and nothing new may start over it. */
export class IntentJournalError extends Error {
  override name = "IntentJournalError";
  constructor(readonly path: string, detail: string, options?: ErrorOptions) {
    super(`Cannot read intent "${path}": ${detail}`, options);
  }
}

async function readIntent(path: string): Promise<Intent> {
  let json: unknown;
  try {
    json = JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw new IntentJournalError(path, (cause as Error).message, { cause });
  }
  const { error } = Intent.safeParse(json);
  if (error === undefined) return json as Intent;
  const issue = error.issues[0];
  throw new IntentJournalError(path, `${issue?.path.join("/")} ${issue?.message}`);
}

/**
 * All intents under a root, oldest first.
 *
 * @throws {IntentJournalError} If one is not readable as an intent.
 */
export async function readIntents(root: string): Promise<Intent[]> {
  const folder = join(root, INTENTS_DIR);
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isFile && entry.name.endsWith(".json")) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return await Promise.all(names.sort().map((name) => readIntent(join(folder, name))));
}

const textOf = (intent: Intent): string => `${JSON.stringify(intent, null, 2)}\n`;

/**
 * The journal as files, one per intent, each replaced atomically and flushed at every step. Files
 * of settled intents stay: they carry the fencing tokens already used.
 */
export function fileJournal(root: string): JournalPort {
  const folder = join(root, INTENTS_DIR);
  const pathOf = ({ intent_id }: Intent): string => join(folder, `${intent_id}.json`);
  return {
    async create(intent): Promise<void> {
      await Deno.mkdir(folder, { recursive: true });
      await createExclusive(pathOf(intent), textOf(intent));
    },
    async replace(intent): Promise<void> {
      await writeAtomic(pathOf(intent), textOf(intent));
    },
    async pending(): Promise<Intent[]> {
      return (await readIntents(root)).filter(isPending);
    },
    async highestFence(): Promise<number> {
      return (await readIntents(root)).reduce((highest, { fence }) => Math.max(highest, fence), 0);
    },
  };
}
