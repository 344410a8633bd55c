import { generateKeyPem, parseSigningKey, type SigningKey } from "../../lib/audit/keys.ts";
import { formatVerifierKey, noteVerifier } from "../../lib/audit/note.ts";

/** A new key: its secret form and its parts. */
export async function newKey(): Promise<{ pem: string; key: SigningKey }> {
  const pem = await generateKeyPem();
  return { pem, key: await parseSigningKey(pem) };
}

/** An evidence trust policy of `origin` that trusts these keys, given as verifier keys. */
export function trustPolicy(
  origin: string,
  verifierKeys: readonly string[],
  { key = {}, ...changes }: { key?: object } & Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    version: 1,
    origin,
    keys: verifierKeys.map((verifier_key) => ({
      verifier_key,
      purposes: ["checkpoint"],
      owner: "tests",
      valid_from: "2026-01-01T00:00:00Z",
      ...key,
    })),
    revoked: [],
    thresholds: { checkpoint: 1, manifest: 1, witness: 0 },
    checkpoint_max_lag_entries: 50,
    max_clock_skew_s: 120,
    ...changes,
  };
}

/** A policy in which these keys count for manifests. */
export function manifestTrust(
  keys: readonly SigningKey[],
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  const names = keys.map((key, at) =>
    formatVerifierKey(noteVerifier(`signer-${at}`, key.publicKey))
  );
  return trustPolicy("release.example/test", names, {
    key: { purposes: ["manifest"] },
    ...changes,
  });
}
