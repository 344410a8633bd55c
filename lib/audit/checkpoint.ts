/**
 * Checkpoints (C2SP tlog-checkpoint): the size and root of a log at one moment, as the text of a
 * signed note, so that witnesses and log monitors can read them.
 *
 * @module
 */
import { HASH_BYTES } from "./merkle_tree.ts";
import { NoteError } from "./note.ts";

/** What a checkpoint says. */
export interface Checkpoint {
  /** The log it is about, such as `audit.example.org/ops`. */
  origin: string;
  /** Entries. */
  size: number;
  /** Root of the Merkle tree over them. */
  root: Uint8Array;
}

/** The text of a checkpoint. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toBase64()}\n`;
}

/**
 * Reads the text of a checkpoint; extension lines after the root are passed over.
 *
 * @throws {NoteError} If it is malformed.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const fail = (why: string) => new NoteError(`Cannot read the checkpoint: ${why}`);
  const lines = text.split("\n");
  const [origin = "", size = "", root = ""] = lines;
  if (lines.pop() !== "" || lines.length < 3 || lines.includes("")) {
    throw fail("wanted origin, size and root, one line each");
  }
  if (!/^(0|[1-9][0-9]*)$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw fail("the size is not a count");
  }
  if (!/^[A-Za-z0-9+/]{43}=$/.test(root)) throw fail("the root is not 32 bytes in base64");
  const hash = Uint8Array.fromBase64(root);
  if (hash.length !== HASH_BYTES || hash.toBase64() !== root) {
    throw fail("the root is not canonical");
  }
  return { origin, size: Number(size), root: hash };
}
