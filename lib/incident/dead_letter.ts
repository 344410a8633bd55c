import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import { z } from "zod";
import { UsageError } from "../command/errors.ts";
import { Channel } from "../policy/incident_routing.ts";
import { describeFault, loadJson } from "../policy/load.ts";
import { redactedJson } from "../scan/redact.ts";
import { sha256Hex } from "../store/digest.ts";
import { writeAtomic } from "../store/write_atomic.ts";
import { IncidentMessage } from "./message.ts";

/** Where dead letters lie unless said otherwise, relative to root. */
export const DEAD_LETTER_DIR = ".data/out/dead_letter";

const PREFIX = "incident_notify_dead_letter_";

/** News that did not reach a place. It holds no secret: the place is looked up again at replay. */
export const DeadLetter = z.strictObject({
  schema_version: z.literal(1),
  kind: z.literal("incident_notify_dead_letter"),
  created_at: z.number().describe("Epoch seconds, of the first failure"),
  updated_at: z.number(),
  reason: z.string(),
  delivery_id: z.string().regex(/^[0-9a-f]{64}$/).nullable()
    .describe("Null where nobody was chosen to be told"),
  channel: Channel.nullable(),
  target: z.string().nullable().describe("As reports show it"),
  target_sha256: z.string().nullable(),
  message: IncidentMessage,
  replayed_at: z.number().nullable().describe("When it was delivered after all, epoch seconds"),
});
export type DeadLetter = z.output<typeof DeadLetter>;

/** A letter and its file. */
export interface FiledLetter {
  /** Relative to root unless outside. */
  path: string;
  letter: DeadLetter;
}

async function nameOf({ delivery_id, message }: DeadLetter): Promise<string> {
  const id = delivery_id ?? `unrouted_${await sha256Hex(message.incident.incident_id)}`;
  return `${PREFIX}${id.slice(0, 32)}.json`;
}

/**
 * Asks before anybody is told whether letters could be written, or marked, at a place.
 *
 * @param path Relative to root, or absolute.
 * @throws {UsageError} If this run was not granted to write there.
 */
export function demandWritable(root: string, path: string): void {
  const { state } = Deno.permissions.querySync({ name: "write", path: resolve(root, path) });
  if (state === "granted") return;
  throw new UsageError(`This run may not write dead letters to "${path}"`, "keep them below .data");
}

/** Dead letters of one folder: one file for each delivery, however often it fails. */
export class DeadLetters {
  /**
   * @param folder Relative to root, or absolute.
   * @param secrets Kept out of every letter.
   */
  constructor(
    private readonly root: string,
    readonly folder: string,
    private readonly secrets: readonly string[],
  ) {}

  async #write(path: string, letter: DeadLetter): Promise<void> {
    const absolute = resolve(this.root, path);
    await Deno.mkdir(dirname(absolute), { recursive: true });
    await writeAtomic(absolute, redactedJson(letter, this.secrets) + "\n", { mode: 0o600 });
  }

  async #pathOf(letter: DeadLetter): Promise<string> {
    return `${this.folder}/${await nameOf(letter)}`;
  }

  async #readOne(path: string): Promise<FiledLetter | { path: string; fault: string } | undefined> {
    const loaded = await loadJson(resolve(this.root, path), DeadLetter, { shown: path });
    if (loaded.state === "missing") return undefined;
    if (loaded.state === "ok") return { path, letter: loaded.value };
    const [fault] = loaded.faults;
    const words = fault === undefined ? `${path} is ${loaded.state}` : describeFault(path, fault);
    return { path, fault: words };
  }

  /** Writes a letter, over an earlier one of the same delivery; returns its path. */
  async file(letter: DeadLetter): Promise<string> {
    const path = await this.#pathOf(letter);
    const earlier = await this.#readOne(path);
    const first = earlier !== undefined && "letter" in earlier
      ? { created_at: earlier.letter.created_at }
      : {};
    await this.#write(path, { ...letter, ...first });
    return path;
  }

  /** Marks the letter of a delivery, if there is one, as delivered after all. */
  async retire(letter: DeadLetter, nowS: number): Promise<void> {
    const path = await this.#pathOf(letter);
    const found = await this.#readOne(path);
    if (found === undefined || !("letter" in found) || found.letter.replayed_at !== null) return;
    await this.#write(path, { ...found.letter, updated_at: nowS, replayed_at: nowS });
  }

  /** Marks a letter that was read from a file. */
  async retireFile({ path, letter }: FiledLetter, nowS: number): Promise<void> {
    await this.#write(path, { ...letter, updated_at: nowS, replayed_at: nowS });
  }

  /**
   * Reads one letter, or all that are in a folder, in the order of their first failure.
   *
   * @param path Relative to root, or absolute; the letters' folder when absent, which need not exist.
   * @throws {UsageError} If a path that was named does not exist.
   */
  async read(path?: string): Promise<{ letters: FiledLetter[]; faults: string[] }> {
    const at = path ?? this.folder;
    let names: string[];
    try {
      const { isFile } = await Deno.stat(resolve(this.root, at));
      const entries = isFile ? [] : await Array.fromAsync(Deno.readDir(resolve(this.root, at)));
      const own = entries.filter(({ name }) => name.startsWith(PREFIX) && name.endsWith(".json"));
      names = isFile ? [at] : own.map(({ name }) => `${at}/${name}`).sort();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      if (path === undefined) return { letters: [], faults: [] };
      throw new UsageError(`Cannot replay "${path}": there is no such file or folder`);
    }
    const read = await Promise.all(names.map((name) => this.#readOne(name)));
    const found = read.filter((one) => one !== undefined);
    return {
      letters: found.flatMap((one) => "letter" in one ? [one] : [])
        .sort((a, b) => a.letter.created_at - b.letter.created_at),
      faults: found.flatMap((one) => "fault" in one ? [one.fault] : []),
    };
  }
}
