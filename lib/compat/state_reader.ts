import { z } from "zod";
import { Channels, ChannelsError, parseChannels, revisionOf } from "../rollout/channels.ts";
import type { StateDocument } from "./document.ts";
import type { ReaderAnswer } from "./reader.ts";

/**
 * Version of the persistent state that this toolkit writes: of the channel registry. The release
 * policy names this line as the source of `state_schema.current`.
 */
export const STATE_SCHEMA = "1.0";

/** SemVer without the rarer forms, so that documents can be generated from it. */
const Version = z.string().regex(
  /^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})(-[0-9A-Za-z][0-9A-Za-z.-]*)?(\+[0-9A-Za-z.-]+)?$/,
);

const Served = z.looseObject({
  version: Version,
  rollout_percent: z.int().min(0).max(100),
  updated_at: z.number().min(0),
});

/** Schema 0.9: canary and stable with their history; changes are not counted. */
const Registry09 = Channels.omit({ revision: true }).extend({
  channels: z.object({ canary: Served, stable: Served }).catchall(Served),
});

/** Schema 1.0: every change counts up `revision`, which writers compare before they replace. */
const Registry10 = Registry09.extend({ revision: z.int().min(0) });

/** Schema 1.1, planned: each registry names the one it replaced, so that edits by hand show. */
const Registry11 = Registry10.extend({
  previous_sha256: z.string().regex(/^([0-9a-f]{64})?$/),
});

/** The registry's form by schema version, oldest first. A newer form satisfies the older ones. */
export const REGISTRY_FORMS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ["0.9", Registry09],
  [STATE_SCHEMA, Registry10],
  ["1.1", Registry11],
]);

/**
 * Reads a registry document as the version with schema `to` does.
 *
 * For the current schema that is the code every script of this toolkit reads the registry with.
 * For the others it is that code with what their form adds or does not know; unknown fields
 * survive in all of them.
 */
export function readRegistryState(text: string, path: string, to: string): ReaderAnswer {
  const form = REGISTRY_FORMS.get(to);
  if (form === undefined) return { ok: false, why: `no registry of schema ${to} is known` };
  let read: StateDocument;
  try {
    const store = parseChannels(text, path);
    read = to === "0.9" ? store : { ...store, revision: revisionOf(store) };
  } catch (error) {
    if (error instanceof ChannelsError) return { ok: false, why: error.message };
    throw error;
  }
  if (to === "1.1" && read.previous_sha256 === undefined) read = { ...read, previous_sha256: "" };
  return { ok: true, text: JSON.stringify(read), value: read };
}
