import type { Fault } from "./fault.ts";
import { visitLines } from "./log_lines.ts";
import { rangeRoot } from "./merkle_proof.ts";
import { HASH_BYTES, leafHash, sameHash } from "./merkle_tree.ts";
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
    if (error instanceof Deno.errors.NotCapable) throw error;
    return fail(`the leaf hashes "${path}" cannot be read: ${(error as Error).message}`);
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

/**
 * Leaf hashes of the first `size` entries of a log, one after the other.
 *
 * @param until Length of the part that is read, bytes.
 */
export async function leavesOf(path: string, size: number, until: number): Promise<Uint8Array> {
  const hashes = new Uint8Array(size * HASH_BYTES);
  let at = 0;
  await visitLines(path, 0, (line) => {
    hashes.set(leafHash(line), at * HASH_BYTES);
    at += 1;
    return at < size;
  }, until);
  if (at < size) throw new RangeError(`Cannot list ${size} leaf hashes: there are ${at} entries`);
  return hashes;
}
