/**
 * Signed notes (C2SP signed-note): a text, an empty line, signature lines.
 *
 * A signature line names its key by name and key id, so a note can carry signatures its reader
 * does not know; those are ignored. A signature that names a known key and does not hold makes the
 * whole note worthless.
 *
 * @module
 */
import { concat, signBytes, type SigningKey, verifyBytes } from "./keys.ts";
import { sha256 } from "./sha256.ts";

/** What a key signs: the text itself, or the text with the time it was seen (tlog-cosignature). */
export type NoteKeyType = "signature" | "cosignature";

const TYPE_BYTE = { signature: 1, cosignature: 4 } as const;

/** A key that can check signatures on notes. */
export interface NoteVerifier {
  name: string;
  /** First four bytes of SHA-256 over name, LF, type byte and public key, hex. */
  id: string;
  type: NoteKeyType;
  /** 32 bytes. */
  publicKey: Uint8Array<ArrayBuffer>;
}

/** A signature that holds. */
export interface NoteSignature {
  verifier: NoteVerifier;
  /** When a witness saw the note, epoch seconds. */
  seenAt?: number;
}

/** The note is malformed, or a known key did not sign it as it claims. */
export class NoteError extends Error {
  override name = "NoteError";
}

/** Most signature lines a note may have. */
const MAX_SIGNATURES = 100;

const NAME = /^[^\s+]+$/u;
const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const encoder = new TextEncoder();

/** The verifier for a public key under a name. */
export function noteVerifier(
  name: string,
  publicKey: Uint8Array<ArrayBuffer>,
  type: NoteKeyType = "signature",
): NoteVerifier {
  if (!NAME.test(name)) throw new NoteError(`Cannot name a key "${name}": blank, space or plus`);
  const hashed = concat(encoder.encode(`${name}\n`), Uint8Array.of(TYPE_BYTE[type]), publicKey);
  return { name, id: sha256(hashed).subarray(0, 4).toHex(), type, publicKey };
}

/** The verifier key: `name+id+base64(type and public key)`. */
export function formatVerifierKey({ name, id, type, publicKey }: NoteVerifier): string {
  return `${name}+${id}+${concat(Uint8Array.of(TYPE_BYTE[type]), publicKey).toBase64()}`;
}

/**
 * Takes a verifier key.
 *
 * @throws {NoteError} If it is malformed, of an unknown type, or its id is not that of its key.
 */
export function parseVerifierKey(text: string): NoteVerifier {
  const [, name, id, base64] = text.match(/^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u) ??
    [];
  const fail = (why: string) => new NoteError(`Cannot read verifier key "${text}": ${why}`);
  if (name === undefined || base64 === undefined) throw fail("wanted name+id+base64");
  const bytes = decode(base64);
  const type = bytes?.[0] === 1 ? "signature" : bytes?.[0] === 4 ? "cosignature" : undefined;
  if (bytes?.length !== 33 || type === undefined) throw fail("the key is not Ed25519");
  const verifier = noteVerifier(name, bytes.slice(1), type);
  if (verifier.id !== id) throw fail(`its id is ${verifier.id}`);
  return verifier;
}

/**
 * Signs a text.
 *
 * @param text Ends in a line end.
 * @returns The signature line, without its end.
 */
export async function signNote(text: string, name: string, key: SigningKey): Promise<string> {
  const { id } = noteVerifier(name, key.publicKey);
  const signature = await signBytes(key, encoder.encode(text));
  return signatureLine(name, id, signature);
}

/**
 * Signs, as a witness, that a checkpoint was seen and was consistent with those seen before.
 *
 * @param seenAt Epoch seconds, whole.
 */
export async function cosignNote(
  text: string,
  name: string,
  key: SigningKey,
  seenAt: number,
): Promise<string> {
  const { id } = noteVerifier(name, key.publicKey, "cosignature");
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(seenAt));
  const signature = await signBytes(key, cosigned(text, BigInt(seenAt)));
  return signatureLine(name, id, concat(time, signature));
}

function cosigned(text: string, seenAt: bigint): Uint8Array<ArrayBuffer> {
  return encoder.encode(`cosignature/v1\ntime ${seenAt}\n${text}`);
}

function signatureLine(name: string, id: string, signature: Uint8Array): string {
  return `— ${name} ${concat(Uint8Array.fromHex(id), signature).toBase64()}`;
}

/** Puts a text and its signature lines together. */
export function formatNote(text: string, signatures: readonly string[]): string {
  return `${text}\n${signatures.map((line) => `${line}\n`).join("")}`;
}

/**
 * Takes a note apart without judging its signatures.
 *
 * @throws {NoteError} If it is malformed.
 */
export function splitNote(note: string): { text: string; signatures: string[] } {
  // deno-lint-ignore no-control-regex
  if (!note.isWellFormed() || /[\0-\x09\x0b-\x1f]/.test(note)) {
    throw new NoteError("Cannot read the note: control characters or broken text");
  }
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) throw new NoteError("Cannot read the note: no signatures");
  const signatures = note.slice(split + 2, -1).split("\n");
  if (signatures.length > MAX_SIGNATURES) throw new NoteError("Cannot read the note: too long");
  const bad = signatures.findIndex((line) => !SIGNATURE_LINE.test(line));
  if (split + 2 >= note.length || bad >= 0) {
    throw new NoteError(`Cannot read the note: signature line ${bad + 1} is malformed`);
  }
  return { text: note.slice(0, split + 1), signatures };
}

/**
 * Opens a note: its text, and the signatures of known keys. There may be none; how many are
 * enough is for the caller to say. A key counts once however often it signed.
 *
 * @throws {NoteError} If the note is malformed, or names a known key whose signature does not hold.
 */
export async function openNote(
  note: string,
  verifiers: readonly NoteVerifier[],
): Promise<{ text: string; signatures: NoteSignature[] }> {
  const { text, signatures } = splitNote(note);
  const found = new Map<NoteVerifier, NoteSignature>();
  for (const line of signatures) {
    const [, name, base64] = line.match(SIGNATURE_LINE)!;
    const bytes = decode(base64!);
    if (bytes === undefined || bytes.length < 5) {
      throw new NoteError(`Cannot read the note: the signature of "${name}" is malformed`);
    }
    const id = bytes.subarray(0, 4).toHex();
    const verifier = verifiers.find((key) => key.name === name && key.id === id);
    if (verifier === undefined || found.has(verifier)) continue;
    const signature = await check(text, bytes.slice(4), verifier);
    if (signature === undefined) {
      throw new NoteError(`Cannot accept the note: the signature of "${name}" does not hold`);
    }
    found.set(verifier, signature);
  }
  return { text, signatures: [...found.values()] };
}

async function check(
  text: string,
  bytes: Uint8Array<ArrayBuffer>,
  verifier: NoteVerifier,
): Promise<NoteSignature | undefined> {
  const { type, publicKey } = verifier;
  if (type === "signature") {
    return await verifyBytes(publicKey, encoder.encode(text), bytes) ? { verifier } : undefined;
  }
  if (bytes.length !== 72) return undefined;
  const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  const holds = await verifyBytes(publicKey, cosigned(text, time), bytes.slice(8));
  return holds ? { verifier, seenAt: Number(time) } : undefined;
}

/** Standard base64 in its one canonical form. */
function decode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(base64, { lastChunkHandling: "strict" });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
