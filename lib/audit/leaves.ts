import type { Fault } from "./fault.ts";
import { rangeRoot } from "./merkle_proof.ts";
import { HASH_BYTES, sameHash } from "./merkle_tree.ts";
import type { SealedCheckpoint } from "./sealed_checkpoint.ts";

/**
 * Reads the leaf hashes that were kept with an anchored checkpoint: 32 bytes for each entry.
 *
 * They count only if their root is that of one of the checkpoints, whose signature so covers them.
 */
export async function readLeaves(
  path: string | undefined,
  checkpoints: readonly SealedCheckpoint[],
): Promise<{ hashes: Uint8Array; faults: Fault[] }> {
  const none = new Uint8Array();
  if (path === undefined) return { hashes: none, faults: [] };
  const fail = (detail: string) => {
    const fault: Fault = { kind: "checkpoint_malformed", entry: null, line: null, detail };
    return { hashes: none, faults: [fault] };
  };
  let hashes: Uint8Array;
  try {
    hashes = await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return fail(`the leaf hashes "${path}" are missing`);
  }
  const size = hashes.length / HASH_BYTES;
  const checkpoint = checkpoints.find((it) => it.size === size);
  if (checkpoint === undefined) return fail(`no checkpoint has ${size} entries as "${path}" has`);
  const leaf = (i: number) => hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
  if (!sameHash(rangeRoot(leaf, 0, size), checkpoint.root)) {
    return fail(`the leaf hashes "${path}" are not those of ${checkpoint.name}`);
  }
  return { hashes, faults: [] };
}
