import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";
import { RevokedKey, TrustedKey, verifierOf } from "./trusted_key.ts";

const Key = TrustedKey.extend({
  purposes: z.array(z.enum(["checkpoint", "manifest", "witness"])).min(1)
    .describe("What its signatures count for"),
});

/** `security/evidence_trust_policy.json`: whose signatures on evidence count, for what and when. */
export const EvidenceTrustPolicy = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("Format of this file"),
  origin: z.string().regex(/^[^\s+]+$/).describe("Name of the audit log in its checkpoints"),
  keys: z.array(Key).describe("Trusted keys; during a rotation the old and the new one"),
  revoked: z.array(RevokedKey).describe("Keys that were withdrawn; they stay listed"),
  thresholds: z.strictObject({
    checkpoint: z.int().min(1).describe("Keys that must have signed a checkpoint"),
    manifest: z.int().min(1).describe("Keys that must have signed a manifest"),
    witness: z.int().min(0).describe("Witnesses that must have cosigned a checkpoint"),
  }),
  checkpoint_max_lag_entries: z.int().min(0)
    .describe("Entries the log may be ahead of its newest checkpoint before a warning"),
  max_clock_skew_s: z.number().min(0)
    .describe("How far in the future the time of an entry may lie, seconds"),
}).superRefine((policy, context) => {
  policy.keys.forEach(({ valid_from, valid_until, verifier_key, purposes }, at) => {
    const type = verifierOf(verifier_key)?.type;
    if (purposes.includes("witness") && type === "signature") {
      const message =
        "is no witness's: take the form that `signing_key show --form witness` prints";
      context.addIssue({ code: "custom", path: ["keys", at, "verifier_key"], message });
    }
    if (purposes.includes("checkpoint") && type === "cosignature") {
      const message = "is a witness's: take the form that `signing_key show --form note` prints";
      context.addIssue({ code: "custom", path: ["keys", at, "verifier_key"], message });
    }
    if (valid_until !== undefined && Date.parse(valid_until) <= Date.parse(valid_from)) {
      const path = ["keys", at, "valid_until"];
      context.addIssue({ code: "custom", path, message: "must be after valid_from" });
    }
  });
});
export type EvidenceTrustPolicy = z.output<typeof EvidenceTrustPolicy>;
