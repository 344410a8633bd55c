import { z } from "zod";
import { sha256Hex } from "../store/digest.ts";

const EpochS = z.number().min(0).describe("Epoch seconds, 0 when never");

const Channel = z.looseObject({
  version: z.string().describe("SemVer 2.0.0 version this channel serves"),
  rollout_percent: z.number().describe("Integer 0..100; of this channel, not a split of traffic"),
  updated_at: EpochS,
});

/** One change of the registry. `channel` is `canary->stable` for a promotion, `*` for a freeze. */
const HistoryRow = z.looseObject({
  ts: EpochS.describe("When it was committed, epoch seconds"),
  action: z.string().describe("init, set, rollout, promote, rollback, abort, freeze or unfreeze"),
  channel: z.string().describe("Channel changed, or source->target"),
  from_version: z.string().optional().describe("Version the changed channel served before"),
  to_version: z.string().optional().describe("Version the changed channel serves since"),
  reason: z.string().optional().describe("Why, in the words of the actor"),
  actor: z.string().optional().describe("Who"),
});

const Freeze = z.looseObject({
  since: EpochS,
  until: z.number().positive().nullable().describe("Epoch seconds, or null until lifted"),
  reason: z.string(),
  actor: z.string(),
});

/**
 * Shape of `security/release_channels.json`.
 *
 * Unknown channels and unknown fields are allowed and survive every write. Whether versions and
 * percents are sensible is judged (`judgeChannels`), not parsed, so that a gate can name them.
 */
export const Channels = z.looseObject({
  version: z.literal(1).describe("Format of this file"),
  updated_at: EpochS.describe("Time of the last change, epoch seconds"),
  revision: z.int().min(0).optional().describe("Counts changes; absent means 0"),
  channels: z.record(z.string(), Channel),
  history: z.array(HistoryRow).describe("Oldest first"),
  history_archived: z.int().min(0).optional().describe("Rows moved to the archive file so far"),
  freeze: Freeze.optional().describe("Present while promotions and new rollouts are forbidden"),
});

/** The channel registry. Values of this type are never changed in place. */
export type Channels = z.output<typeof Channels>;
/** One channel of the registry. */
export type Channel = z.output<typeof Channel>;
/** One row of the registry's history. */
export type HistoryRow = z.output<typeof HistoryRow>;

/** Why the registry could not be read; the file was not touched. */
export class ChannelsError extends Error {
  override name = "ChannelsError";
  /**
   * @param state `missing`, `malformed` (not JSON, or not this shape) or `unreadable`.
   * @param pointer JSON pointer (RFC 6901) of the first bad value; empty for the whole document.
   */
  constructor(
    readonly state: "missing" | "malformed" | "unreadable",
    readonly path: string,
    readonly pointer: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    const at = pointer === "" ? "" : ` at "${pointer}"`;
    super(`Cannot read channel registry "${path}"${at}: ${detail}`, options);
  }
}

/** Somebody else changed the registry since it was looked at; nothing was written. */
export class RevisionConflictError extends Error {
  override name = "RevisionConflictError";
  constructor(readonly path: string, readonly expected: number, readonly found: number) {
    super(`Cannot update channel registry "${path}": revision is ${found}, expected ${expected}`);
  }
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/**
 * Reads registry text.
 *
 * The parsed JSON itself is returned, not a rebuilt copy, so order and unknown keys survive.
 *
 * @param path Only named in errors.
 * @throws {ChannelsError} With state `malformed`.
 */
export function parseChannels(text: string, path: string): Channels {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const why = text.trim() === "" ? "the file is empty" : (cause as Error).message;
    throw new ChannelsError("malformed", path, "", why, { cause });
  }
  const { success, error } = Channels.safeParse(json);
  if (success) return json as Channels;
  const issue = error.issues[0];
  const where = pointerOf(issue?.path ?? []);
  throw new ChannelsError("malformed", path, where, issue?.message ?? "wrong shape");
}

/** The registry with the digest of the exact bytes it was read from. */
export interface ReadChannels {
  store: Channels;
  /** SHA-256 of the file, lower-case hex. */
  sha256: string;
}

/**
 * Reads the registry with its digest.
 *
 * @throws {ChannelsError} If the file is missing, malformed or unreadable. A broken registry is
 * never replaced by an empty one: whoever serves traffic from it would lose its stable version.
 */
export async function readChannelsWithDigest(path: string): Promise<ReadChannels> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw new ChannelsError("missing", path, "", "no such file", { cause });
    }
    throw new ChannelsError("unreadable", path, "", (cause as Error).message, { cause });
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ChannelsError("malformed", path, "", "not valid UTF-8", { cause });
  }
  return { store: parseChannels(text, path), sha256: await sha256Hex(bytes) };
}

/**
 * Reads the registry.
 *
 * @throws {ChannelsError} If the file is missing, malformed or unreadable.
 */
export async function readChannels(path: string): Promise<Channels> {
  return (await readChannelsWithDigest(path)).store;
}

/** Generation number of the registry: 0 before the first change made under a lock. */
export function revisionOf(store: Channels): number {
  return store.revision ?? 0;
}

/** The channel a row changed: the target of a promotion, else the channel it names. */
export function changedChannel(row: HistoryRow): string {
  const name = row.channel.trim();
  const arrow = name.lastIndexOf("->");
  return arrow < 0 ? name : name.slice(arrow + 2).trim();
}
