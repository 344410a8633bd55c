import { join } from "@std/path/join";
import type { RollbackDrillSignaturePolicy } from "../policy/rollback_drill_signature_policy.ts";
import { canonicalJson } from "../store/canonical.ts";
import { sha256File } from "../store/digest.ts";
import type { DrillFile } from "./drill_files.ts";
import { hmacHolds } from "./drill_hmac.ts";
import { DRILL_CONTEXT, type DrillPayload, saysTheSame, SignedDrill } from "./drill_payload.ts";
import { openStatement, StatementError } from "./drill_statement.ts";

/**
 * What a signature is worth.
 * - `authentic`: made by a key that counts; `payload` is what it signed
 * - `unsigned`: there is none, only the content that could have been signed
 * - `unverifiable`: the key to check it with is not here
 * - `invalid`: not made by a key that counts, or over something else
 */
export type SignatureState = "authentic" | "unsigned" | "unverifiable" | "invalid";

/** A signature that was looked at. */
export interface JudgedSignature {
  state: SignatureState;
  /** Why it is not authentic; empty when it is. */
  reason: string;
  payload?: DrillPayload;
}

async function judgeHmac(
  signed: SignedDrill,
  policy: RollbackDrillSignaturePolicy,
  key: string | undefined,
): Promise<JudgedSignature> {
  const { payload, payload_canonical_json: text, signature } = signed;
  if (signature === "") return { state: "unsigned", reason: "it holds no signature" };
  if (key === undefined) {
    return { state: "unverifiable", reason: `${policy.key_env} is not set` };
  }
  if (!await hmacHolds(key, text, signature)) {
    return { state: "invalid", reason: "the signature does not hold under the key" };
  }
  if (policy.key_ids !== undefined && !policy.key_ids.includes(payload.key_id)) {
    return { state: "invalid", reason: `key "${payload.key_id}" is none of the policy's key_ids` };
  }
  return { state: "authentic", reason: "", payload };
}

async function judgeEnvelope(
  { payload, envelope }: SignedDrill,
  policy: RollbackDrillSignaturePolicy,
): Promise<JudgedSignature> {
  if (envelope === undefined || envelope === null) {
    return { state: "unsigned", reason: "it holds no envelope" };
  }
  if (policy.trusted_keys.length === 0) {
    return { state: "unverifiable", reason: "the policy lists no trusted_keys" };
  }
  try {
    const opened = await openStatement(envelope, payload, policy);
    if (canonicalJson(opened) !== canonicalJson(payload)) {
      return { state: "invalid", reason: "the payload is not what the envelope holds" };
    }
    return { state: "authentic", reason: "", payload: opened };
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    return { state: "invalid", reason: error.message };
  }
}

/** Judges the signature of a report by the one algorithm of the policy. */
export async function verifyDrillSignature(
  file: DrillFile,
  policy: RollbackDrillSignaturePolicy,
  key: string | undefined,
): Promise<JudgedSignature> {
  const parsed = SignedDrill.safeParse(file.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const reason = `/${issue?.path.join("/")} ${issue?.message}`;
    const blank = (file.value as { signature?: unknown } | undefined)?.signature === "";
    return { state: blank ? "unsigned" : "invalid", reason };
  }
  const { payload } = parsed.data;
  if (payload.algorithm !== policy.algorithm) {
    const reason = `it is made by ${payload.algorithm}, the policy wants ${policy.algorithm}`;
    return { state: "invalid", reason };
  }
  if (payload.context !== undefined && payload.context !== DRILL_CONTEXT) {
    return { state: "invalid", reason: `it is about "${payload.context}"` };
  }
  if (!saysTheSame(parsed.data)) {
    return { state: "invalid", reason: "payload and payload_canonical_json differ" };
  }
  return policy.algorithm === "hmac-sha256"
    ? await judgeHmac(parsed.data, policy, key)
    : await judgeEnvelope(parsed.data, policy);
}

/**
 * What no longer is as it was signed. Called for authentic payloads only: paths of others are not
 * opened.
 */
export async function changedArtifacts(root: string, payload: DrillPayload): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, sha256 } of payload.artifacts) {
    try {
      const found = await sha256File(join(root, path));
      if (found.sha256 !== sha256) faults.push(`${path} is not as it was signed`);
    } catch (error) {
      const absent = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotADirectory;
      if (!absent) throw error;
      faults.push(`${path} is missing`);
    }
  }
  return faults;
}
