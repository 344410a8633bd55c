import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";
import { RevokedKey, TrustedKey } from "./trusted_key.ts";

/** The variable that holds the signing key, or with `_FILE` after it names the file that does. */
export const SIGNING_KEY_ENV = "WA_ROLLBACK_DRILL_SIGNING_KEY";

/** The variable that names the key. */
export const SIGNING_KEY_ID_ENV = "WA_ROLLBACK_DRILL_SIGNING_KEY_ID";

/**
 * `security/rollback_drill_signature_policy.json`: how drill evidence is signed, and whether it must
 * be.
 */
export const RollbackDrillSignaturePolicy = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("Format of this file"),
  required: z.boolean().default(false).describe("Evidence without a signature never counts"),
  required_in_strict: z.boolean().default(false)
    .describe("Evidence without a signature does not count under --strict"),
  require_signing_key: z.boolean().default(true)
    .describe("Whoever signs, or must check a signature, needs the key"),
  algorithm: z.enum(["hmac-sha256", "ed25519-dsse"]).default("hmac-sha256")
    .describe("The one way of signing that is used and accepted"),
  key_env: z.literal(SIGNING_KEY_ENV).default(SIGNING_KEY_ENV)
    .describe("Variable that holds the key; no other is read"),
  key_id_env: z.literal(SIGNING_KEY_ID_ENV).default(SIGNING_KEY_ID_ENV)
    .describe("Variable that names the key; no other is read"),
  key_ids: z.array(z.string().min(1)).optional()
    .describe("HMAC keys that count, by name; any when absent"),
  trusted_keys: z.array(TrustedKey).default([]).describe("Ed25519 keys that count"),
  revoked: z.array(RevokedKey).default([]).describe("Ed25519 keys that were withdrawn"),
  threshold: z.int().min(1).default(1)
    .describe("Different Ed25519 keys that must have signed"),
  max_signature_age_s: z.number().positive().default(2_592_000)
    .describe("Oldest signature that counts, seconds; flag and environment can only lower it"),
}).superRefine((policy, context) => {
  policy.trusted_keys.forEach(({ valid_from, valid_until }, at) => {
    if (valid_until !== undefined && Date.parse(valid_until) <= Date.parse(valid_from)) {
      const path = ["trusted_keys", at, "valid_until"];
      context.addIssue({ code: "custom", path, message: "must be after valid_from" });
    }
  });
});
export type RollbackDrillSignaturePolicy = z.output<typeof RollbackDrillSignaturePolicy>;
