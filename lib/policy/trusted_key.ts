import { z } from "zod";

const Instant = z.iso.datetime({ offset: true });

/** A public key whose signatures count, in whichever policy. */
export const TrustedKey = z.strictObject({
  verifier_key: z.string().regex(/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/)
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
