/**
 * DSSE envelopes (secure-systems-lab/dsse v1): a payload, its type, and signatures over both.
 *
 * @module
 */
import { z } from "zod";
import { concat, keyIdOf, signBytes, type SigningKey, verifyBytes } from "./keys.ts";

const Base64 = z.base64().min(1);

/** An envelope as it is stored. */
export const Envelope = z.object({
  payload: Base64.describe("The signed content"),
  payloadType: z.string().min(1).describe("What the content is"),
  signatures: z.array(z.object({
    keyid: z.string().optional().describe("A hint which key this is; not trusted"),
    sig: Base64,
  })).min(1),
});
export type Envelope = z.output<typeof Envelope>;

/** A key that can check signatures on envelopes. */
export interface EnvelopeVerifier {
  /** Tells keys apart when signers are counted. */
  keyId: string;
  verify(data: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

/** The envelope is malformed, or not enough trusted keys signed it. */
export class EnvelopeError extends Error {
  override name = "EnvelopeError";
}

/** The bytes that are signed: type and payload, each with its length ("PAE"). */
export function preAuthEncoding(
  payloadType: string,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const type = encoder.encode(payloadType);
  return concat(
    encoder.encode(`DSSEv1 ${type.length} `),
    type,
    encoder.encode(` ${payload.length} `),
    payload,
  );
}

/** Signs a payload with each of the keys. */
export async function signEnvelope(
  payloadType: string,
  payload: Uint8Array,
  keys: readonly SigningKey[],
): Promise<Envelope> {
  const data = preAuthEncoding(payloadType, payload);
  const signatures = await Promise.all(keys.map(async (key) => ({
    keyid: keyIdOf(key.publicKey),
    sig: (await signBytes(key, data)).toBase64(),
  })));
  return { payload: payload.toBase64(), payloadType, signatures };
}

/** The verifier for an Ed25519 public key. */
export function envelopeVerifier(publicKey: Uint8Array<ArrayBuffer>): EnvelopeVerifier {
  return {
    keyId: keyIdOf(publicKey),
    verify: (data, signature) => verifyBytes(publicKey, data, signature),
  };
}

/**
 * Opens an envelope that at least `threshold` different trusted keys signed.
 *
 * The payload is not looked at before that is settled. An envelope that carries the same signature
 * or key id twice, or two signatures by one key, is refused before anything is counted.
 *
 * @throws {EnvelopeError} If it is not such an envelope; the message says why.
 */
export async function openEnvelope(
  envelope: unknown,
  verifiers: readonly EnvelopeVerifier[],
  { payloadType, threshold }: { payloadType: string; threshold: number },
): Promise<{ payload: Uint8Array<ArrayBuffer>; keyIds: string[] }> {
  const fail = (why: string) => new EnvelopeError(`Cannot accept the envelope: ${why}`);
  if (!(threshold >= 1)) throw new RangeError(`Cannot verify with a threshold of ${threshold}`);
  const parsed = Envelope.safeParse(envelope);
  if (!parsed.success) throw fail(z.prettifyError(parsed.error));
  const { signatures, ...content } = parsed.data;
  if (content.payloadType !== payloadType) {
    throw fail(`it holds "${content.payloadType}", wanted "${payloadType}"`);
  }
  const hints = signatures.flatMap(({ keyid }) => keyid ? [keyid] : []);
  if (hasTwice(signatures.map(({ sig }) => sig)) || hasTwice(hints)) {
    throw fail("the same signature or key id stands in it twice");
  }
  const payload = Uint8Array.fromBase64(content.payload);
  const data = preAuthEncoding(payloadType, payload);
  const keyIds: string[] = [];
  for (const { sig } of signatures) {
    const keyId = await signerOf(data, Uint8Array.fromBase64(sig), verifiers);
    if (keyId !== undefined) keyIds.push(keyId);
  }
  if (hasTwice(keyIds)) throw fail("one key signed it twice");
  if (keyIds.length < threshold) {
    throw fail(`${keyIds.length} trusted keys signed it, wanted ${threshold}`);
  }
  return { payload, keyIds };
}

async function signerOf(
  data: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  verifiers: readonly EnvelopeVerifier[],
): Promise<string | undefined> {
  for (const verifier of verifiers) {
    if (await verifier.verify(data, signature)) return verifier.keyId;
  }
  return undefined;
}

function hasTwice(values: string[]): boolean {
  return new Set(values).size < values.length;
}
