/**
 * Whose signatures count, for what, and when.
 *
 * @module
 */
import { type EnvelopeVerifier, envelopeVerifier } from "./dsse.ts";
import { keyIdOf } from "./keys.ts";
import { type NoteVerifier, parseVerifierKey } from "./note.ts";

/** What a key may be trusted to sign. */
export type Purpose = "checkpoint" | "manifest" | "witness";

/** The part of the evidence trust policy that judges keys; times are RFC 3339. */
export interface Trust {
  keys: readonly {
    /** Signed-note verifier key, `name+id+base64`. */
    verifier_key: string;
    purposes: readonly Purpose[];
    valid_from: string;
    /** First moment it is no longer valid; absent: no end. */
    valid_until?: string | undefined;
  }[];
  revoked: readonly {
    /** SHA-256 of the key's SPKI form, hex. */
    key_id: string;
    revoked_at: string;
    /** Whether somebody else may have used it, so that nothing it signed counts. */
    compromised: boolean;
  }[];
}

/** A key that counts. */
export interface TrustedKey {
  keyId: string;
  note: NoteVerifier;
  envelope: EnvelopeVerifier;
}

/** Keys that counted for a purpose at a time, and why the others did not. */
export interface TrustedKeys {
  trusted: TrustedKey[];
  refused: { keyId: string; name: string; reason: string }[];
}

/**
 * Sorts the keys of a policy.
 *
 * @param atS When the signature was made, epoch seconds; from a source the signer cannot choose.
 * @throws {NoteError} If a key of the policy is malformed.
 */
export function keysFor(trust: Trust, purpose: Purpose, atS: number): TrustedKeys {
  const result: TrustedKeys = { trusted: [], refused: [] };
  for (const key of trust.keys) {
    const note = parseVerifierKey(key.verifier_key);
    const keyId = keyIdOf(note.publicKey);
    const reason = reasonAgainst(trust, key, keyId, purpose, atS);
    if (reason !== undefined) result.refused.push({ keyId, name: note.name, reason });
    else if (!result.trusted.some((other) => other.keyId === keyId)) {
      result.trusted.push({ keyId, note, envelope: envelopeVerifier(note.publicKey) });
    }
  }
  return result;
}

function reasonAgainst(
  trust: Trust,
  key: Trust["keys"][number],
  keyId: string,
  purpose: Purpose,
  atS: number,
): string | undefined {
  if (!key.purposes.includes(purpose)) return `it is not trusted for ${purpose}`;
  const at = (instant: string) => Date.parse(instant) / 1000;
  if (atS < at(key.valid_from)) return `it is valid from ${key.valid_from}`;
  if (key.valid_until !== undefined && atS >= at(key.valid_until)) {
    return `it was valid until ${key.valid_until}`;
  }
  const revocations = trust.revoked.filter(({ key_id }) => key_id === keyId);
  if (revocations.some(({ compromised }) => compromised)) return "it was revoked as compromised";
  const revocation = revocations.find(({ revoked_at }) => atS >= at(revoked_at));
  return revocation === undefined ? undefined : `it was revoked at ${revocation.revoked_at}`;
}
