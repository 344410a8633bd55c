import { join } from "@std/path/join";
import { z } from "zod";
import { type Envelope, EnvelopeError, openEnvelope } from "../audit/dsse.ts";
import { Statement, STATEMENT_PAYLOAD_TYPE } from "../audit/statement.ts";
import { keysFor } from "../audit/trust.ts";
import type { EvidenceTrustPolicy } from "../policy/evidence_trust_policy.ts";
import type { Loaded } from "../policy/load.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import { canonicalJson } from "../store/canonical.ts";
import { sha256File } from "../store/digest.ts";
import { releaseStatement, type StatementFacts, VerificationSummary } from "./release_statement.ts";

/** What a signature is judged by. */
export interface SignatureFacts {
  manifest: StatementFacts["manifest"];
  file: StatementFacts["file"];
  trust: EvidenceTrustPolicy | undefined;
  /** When the manifest was sealed, from the audit log; now where the log does not say. */
  atS: number;
  required: boolean;
  gate: Mode;
}

const ID = "manifest_signature_valid";
const HINT = "deno task generate_release_manifest --sign makes one when it seals";

/** What a trusted key signed, as a statement with a verification summary; undefined if it is not. */
function readStatement(
  payload: Uint8Array<ArrayBuffer>,
): { statement: Statement; predicate: VerificationSummary } | undefined {
  try {
    const statement = Statement.parse(JSON.parse(new TextDecoder().decode(payload)));
    return { statement, predicate: VerificationSummary.parse(statement.predicate) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** Parts of the statement that are not what the manifest gives; empty when all agree. */
function differences(
  statement: Statement,
  predicate: VerificationSummary,
  facts: SignatureFacts,
): string[] {
  const expected = releaseStatement({
    manifest: facts.manifest,
    file: facts.file,
    policies: Object.fromEntries(
      predicate.policies.map(({ uri, digest }) => [uri, digest["sha256"] ?? ""]),
    ),
    policyPath: predicate.policy.uri,
    verifiedAtS: Date.parse(predicate.timeVerified) / 1000,
    toolkitVersion: "",
  });
  const found: string[] = [];
  const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);
  const wanted = new Map(expected.subject.map((row) => [row.name ?? "", row.digest]));
  for (const { name = "", digest } of statement.subject) {
    const own = wanted.get(name);
    if (own === undefined) found.push(`subject "${name}" is not in the manifest`);
    else if (!same(own, digest)) found.push(`subject "${name}" has another digest`);
    wanted.delete(name);
  }
  for (const name of wanted.keys()) found.push(`subject "${name}" was not signed`);
  const { verifier: _, ...claims } = expected.predicate as Record<string, unknown>;
  for (const [key, value] of Object.entries(claims)) {
    if (!same(value, (predicate as Record<string, unknown>)[key])) found.push(`predicate.${key}`);
  }
  return found;
}

async function changedPolicies(
  root: string,
  policies: VerificationSummary["policies"],
): Promise<string[]> {
  const changed: string[] = [];
  for (const { uri, digest } of policies) {
    try {
      const { sha256 } = await sha256File(join(root, uri));
      if (sha256 !== digest["sha256"]) changed.push(`${uri} was changed`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      changed.push(`${uri} is gone`);
    }
  }
  return changed;
}

/** The rows about what a signed statement says, compared with the manifest and the policies. */
async function judgeStatement(
  root: string,
  payload: Uint8Array<ArrayBuffer>,
  facts: SignatureFacts,
): Promise<Check[]> {
  const agrees = {
    id: "manifest_statement_agrees",
    mode: "enforce" as const,
    expect: "a statement with the subjects and the summary that this manifest gives",
    hint: "the manifest is not the one that was signed: restore it, or seal and sign anew",
    location: { file: facts.file.path },
  };
  const read = readStatement(payload);
  if (read === undefined) {
    return [{ ...agrees, ok: false, value: "what was signed is no verification summary" }];
  }
  const { statement, predicate } = read;
  const found = differences(statement, predicate, facts);
  const { policies, verificationResult } = predicate;
  const changed = await changedPolicies(root, policies);
  return [{
    ...agrees,
    ok: found.length === 0,
    value: found.length === 0 ? { subjects: statement.subject.length } : found,
  }, {
    id: "signed_policies_unchanged",
    ok: changed.length === 0 && policies.length > 0,
    mode: "enforce",
    value: { examined: policies.length, changed },
    expect: "every policy as it was when the gates were judged",
    hint: "check out the commit that was released, then verify again",
  }, {
    id: "signed_result_passed",
    ok: verificationResult === "PASSED",
    mode: facts.gate,
    value: verificationResult,
    expect: "PASSED: the seal accepted the evidence of every gate",
    hint: "read the failed gates in the manifest; seal with --require-gate-evidence",
  }];
}

/**
 * Judges the envelope beside a manifest: enough trusted keys, and a statement about exactly this
 * manifest. The statement is not read before the signatures hold.
 */
export async function verifySignature(
  root: string,
  loaded: Loaded<Envelope>,
  facts: SignatureFacts,
): Promise<Check[]> {
  const { trust, required, gate, atS } = facts;
  if (loaded.state === "missing" && !required) {
    return [notApplicable(ID, "a signed statement", `there is no ${loaded.path}`)];
  }
  if (loaded.state !== "ok") {
    return [{
      ...loadedCheck(ID, loaded, "enforce"),
      ...(loaded.state === "missing" ? { hint: HINT } : {}),
    }];
  }
  if (trust === undefined || !trust.keys.some((key) => key.purposes.includes("manifest"))) {
    return [{
      id: ID,
      ok: false,
      mode: required ? "enforce" : gate,
      value: "the trust policy names no key for manifests",
      expect: "signatures of trusted keys",
      hint: "add the signer to security/evidence_trust_policy.json with the purpose manifest",
      location: { file: loaded.path },
    }];
  }
  const { trusted, refused } = keysFor(trust, "manifest", atS);
  const threshold = trust.thresholds.manifest;
  const row = { id: ID, mode: "enforce" as const, expect: `>= ${threshold} trusted keys` };
  try {
    const { payload, keyIds } = await openEnvelope(
      loaded.value,
      trusted.map(({ envelope }) => envelope),
      { payloadType: STATEMENT_PAYLOAD_TYPE, threshold },
    );
    return [{ ...row, ok: true, value: keyIds }, ...await judgeStatement(root, payload, facts)];
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    return [{
      ...row,
      ok: false,
      value: { reason: error.message, keys_refused: refused },
      hint: "the envelope was changed, or its signers do not count: compare with the trust policy",
      location: { file: loaded.path },
    }];
  }
}
