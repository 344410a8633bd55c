import { join } from "@std/path/join";
import { type Envelope, signEnvelope } from "../audit/dsse.ts";
import { parseSigningKey, readSigningKey, type SigningKey } from "../audit/keys.ts";
import { STATEMENT_PAYLOAD_TYPE } from "../audit/statement.ts";
import { UsageError } from "../command/errors.ts";
import { canonicalJson } from "../store/canonical.ts";
import { createExclusive, writeAtomic } from "../store/write_atomic.ts";
import { releaseStatement, type StatementFacts } from "./release_statement.ts";

/** Where the envelope of a manifest stands: beside it, `.intoto.json` instead of `.json`. */
export function envelopePath(manifestPath: string): string {
  return `${manifestPath.replace(/\.json$/, "")}.intoto.json`;
}

/**
 * The key that signs manifests, from the text of a variable or from a file only its owner can read.
 *
 * @throws {UsageError} If there is none, or it is no Ed25519 key; the message does not repeat it.
 */
export async function manifestKey(
  pem: string | undefined,
  file: string | undefined,
): Promise<SigningKey> {
  if (pem === undefined && file === undefined) {
    throw new UsageError(
      "Cannot sign: no key is given",
      "set WA_RELEASE_SIGNING_KEY_FILE to a file made by: deno task signing_key generate",
    );
  }
  try {
    return file === undefined ? await parseSigningKey(pem!) : await readSigningKey(file);
  } catch (cause) {
    throw new UsageError((cause as Error).message, "see: deno task signing_key generate", {
      cause,
    });
  }
}

/**
 * Signs a written manifest and puts the envelope beside it.
 *
 * @returns Path of the envelope, relative to root.
 * @throws {Deno.errors.AlreadyExists} If there is an envelope already; it is left as it is.
 */
export async function signManifest(
  root: string,
  facts: StatementFacts,
  key: SigningKey,
): Promise<string> {
  const payload = new TextEncoder().encode(canonicalJson(releaseStatement(facts)));
  const envelope = await signEnvelope(STATEMENT_PAYLOAD_TYPE, payload, [key]);
  const path = envelopePath(facts.file.path);
  await createExclusive(join(root, path), JSON.stringify(envelope, null, 2) + "\n");
  return path;
}

/** Adds a signature to an envelope, over the same payload; a signer that is in it already is kept. */
export async function addSignature(
  root: string,
  path: string,
  envelope: Envelope,
  key: SigningKey,
): Promise<Envelope> {
  const payload = Uint8Array.fromBase64(envelope.payload);
  const added = await signEnvelope(envelope.payloadType, payload, [key]);
  const known = new Set(envelope.signatures.map(({ sig }) => sig)); // Ed25519 is deterministic
  const signatures = [
    ...envelope.signatures,
    ...added.signatures.filter(({ sig }) => !known.has(sig)),
  ];
  const signed = { ...envelope, signatures };
  await writeAtomic(join(root, path), JSON.stringify(signed, null, 2) + "\n");
  return signed;
}
