import { z } from "zod";
import { NoteError, type NoteVerifier, parseVerifierKey } from "../audit/note.ts";

const Instant = z.iso.datetime({ offset: true });

/** The key that a text of the right form is; undefined if its id is another key's. */
export function verifierOf(text: string): NoteVerifier | undefined {
  try {
    return parseVerifierKey(text);
  } catch (error) {
    if (error instanceof NoteError) return undefined;
    throw error;
  }
}

/** A public key whose signatures count, in whichever policy. */
export const TrustedKey = z.strictObject({
  verifier_key: z.string().regex(/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/)
    .refine(
      (text) => verifierOf(text) !== undefined,
      "must be a key as `signing_key show` prints it, id and all",
    )
    .describe("Signed-note verifier key, as `signing_key show` prints it"),
  owner: z.string().min(1).describe("Who answers for it"),
  valid_from: Instant.describe("Signatures made before do not count"),
  valid_until: Instant.optional().describe("Signatures made from then on do not count"),
});

/** A key that was withdrawn; it stays listed, so that old signatures can be judged. */
export const RevokedKey = z.strictObject({
  key_id: z.string().regex(/^[0-9a-f]{64}$/).describe("SHA-256 of the key's SPKI form"),
  revoked_at: Instant.describe("Signatures made from then on do not count"),
  compromised: z.boolean().describe("Somebody else may have used it: nothing it signed counts"),
  reason: z.string().min(1).describe("Why, in a sentence"),
});
