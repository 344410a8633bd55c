import { generateKeyPem, parseSigningKey, type SigningKey } from "../../lib/audit/keys.ts";
import { formatVerifierKey, noteVerifier } from "../../lib/audit/note.ts";

/** A new key: its secret form and its parts. */
export async function newKey(): Promise<{ pem: string; key: SigningKey }> {
  const pem = await generateKeyPem();
  return { pem, key: await parseSigningKey(pem) };
}

/** An evidence trust policy in which these keys count for manifests. */
export function manifestTrust(
  keys: readonly SigningKey[],
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    version: 1,
    origin: "release.example/test",
    keys: keys.map((key, at) => ({
      verifier_key: formatVerifierKey(noteVerifier(`signer-${at}`, key.publicKey)),
      purposes: ["manifest"],
      owner: `signer ${at}`,
      valid_from: "2020-01-01T00:00:00Z",
    })),
    revoked: [],
    thresholds: { checkpoint: 1, manifest: 1, witness: 0 },
    checkpoint_max_lag_entries: 50,
    max_clock_skew_s: 120,
    ...changes,
  };
}
