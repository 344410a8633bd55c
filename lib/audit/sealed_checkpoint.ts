/**
 * Checkpoints with their signatures: making one, and judging who vouches for one.
 *
 * @module
 */
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import type { Fault } from "./fault.ts";
import { keyIdOf, type SigningKey } from "./keys.ts";
import { formatNote, NoteError, openNote, parseVerifierKey, signNote, splitNote } from "./note.ts";
import { keysFor, type Purpose, type Trust } from "./trust.ts";

/** Signs a checkpoint; the key has the name of the log. */
export async function sealCheckpoint(checkpoint: Checkpoint, key: SigningKey): Promise<string> {
  const text = formatCheckpoint(checkpoint);
  return formatNote(text, [await signNote(text, checkpoint.origin, key)]);
}

/** Adds a signer to a checkpoint that was read before; one who signed already adds nothing. */
export async function cosignCheckpoint(
  note: string,
  { origin }: Checkpoint,
  key: SigningKey,
): Promise<string> {
  const { text, signatures } = splitNote(note);
  const line = await signNote(text, origin, key);
  return signatures.includes(line) ? note : formatNote(text, [...signatures, line]);
}

/** A checkpoint and the keys, known to the policy, whose signatures on it hold. */
export interface SealedCheckpoint extends Checkpoint {
  /** Where it is from, for people. */
  name: string;
  signers: { keyId: string; name: string; seenAt?: number }[];
}

/** What came of reading a checkpoint. */
export type CheckpointRead =
  | { status: "ok"; checkpoint: SealedCheckpoint }
  | { status: "invalid"; fault: Fault };

/**
 * Reads a checkpoint. Signatures of keys in the policy must hold, whether or not those keys still
 * count; who counts is for `countSigners` to say.
 */
export async function readCheckpoint(
  name: string,
  note: string,
  trust: Trust,
  origin: string | undefined,
): Promise<CheckpointRead> {
  try {
    const verifiers = trust.keys.map(({ verifier_key }) => parseVerifierKey(verifier_key));
    const { text, signatures } = await openNote(note, verifiers);
    const checkpoint = parseCheckpoint(text);
    if (origin !== undefined && checkpoint.origin !== origin) {
      return invalid("checkpoint_foreign", `${name} is of "${checkpoint.origin}", not "${origin}"`);
    }
    const signers = signatures.map(({ verifier, seenAt }) => ({
      keyId: keyIdOf(verifier.publicKey),
      name: verifier.name,
      ...(seenAt === undefined ? {} : { seenAt }),
    }));
    return { status: "ok", checkpoint: { ...checkpoint, name, signers } };
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    return invalid("checkpoint_malformed", `${name}: ${error.message}`);
  }
}

function invalid(kind: Fault["kind"], detail: string): CheckpointRead {
  return { status: "invalid", fault: { kind, entry: null, line: null, detail } };
}

/**
 * How many different keys count for a checkpoint.
 *
 * @param atS Time of the last entry it covers: no signer can have signed before that.
 */
export function countSigners(
  checkpoint: SealedCheckpoint,
  trust: Trust,
  purpose: Extract<Purpose, "checkpoint" | "witness">,
  atS: number,
): number {
  const trusted = new Set(keysFor(trust, purpose, atS).trusted.map(({ keyId }) => keyId));
  const counted = checkpoint.signers.filter(({ keyId, seenAt }) => {
    return trusted.has(keyId) && (seenAt !== undefined) === (purpose === "witness");
  });
  return new Set(counted.map(({ keyId }) => keyId)).size;
}

/** Two checkpoints of one size with different roots: the log was shown in two versions. */
export function findFork(checkpoints: readonly SealedCheckpoint[]): Fault | undefined {
  for (const [at, one] of checkpoints.entries()) {
    const other = checkpoints.slice(0, at).find(({ size, root }) => {
      return size === one.size && root.toHex() !== one.root.toHex();
    });
    if (other !== undefined) {
      const detail = `${other.name} and ${one.name} have different roots for ${one.size} entries`;
      return { kind: "checkpoint_forked", entry: null, line: null, detail };
    }
  }
  return undefined;
}
