import { keyIdOf, type SigningKey } from "../audit/keys.ts";
import { keysFor } from "../audit/trust.ts";
import type { EvidenceTrustPolicy } from "../policy/evidence_trust_policy.ts";
import type { Check, Mode } from "../report/check.ts";
import type { OtherPolicy } from "./policy_digests.ts";

/** What is to be signed, and with what. */
export interface SigningFacts {
  /** Full commit id; empty where there is none. */
  commit: string;
  key: Pick<SigningKey, "publicKey">;
  trust: EvidenceTrustPolicy | undefined;
  others: readonly OtherPolicy[];
  nowS: number;
  gate: Mode;
}

/** Judges, before anything is sealed, whether a signature over it would mean what it says. */
export function judgeSigning({ commit, key, trust, others, nowS, gate }: SigningFacts): Check[] {
  const keyId = keyIdOf(key.publicKey);
  const keys = trust === undefined ? undefined : keysFor(trust, "manifest", nowS);
  const reason = keys?.refused.find((row) => row.keyId === keyId)?.reason;
  return [{
    id: "signed_commit_known",
    ok: commit !== "",
    mode: "enforce",
    value: commit === "" ? "no commit" : commit,
    expect: "a commit, which is a subject of what is signed",
    hint: "commit first: a signature over no commit says nothing about what was released",
  }, {
    id: "gates_read_signed_policies",
    ok: others.length === 0,
    mode: "enforce",
    value: others.map(({ gate, path }) => `${gate} read another ${path}`),
    expect: "every gate judged by the policies that are signed",
    hint: `run ${others[0]?.gate ?? "the gate"} again: its policy changed since`,
  }, {
    id: "signing_key_trusted",
    ok: keys?.trusted.some((row) => row.keyId === keyId) === true,
    mode: gate,
    value: { key_id: keyId, ...(reason === undefined ? {} : { reason }) },
    expect: "a key that the trust policy names for manifests",
    hint: "add it to security/evidence_trust_policy.json: deno task signing_key show",
  }];
}
