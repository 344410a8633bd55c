import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { type Envelope, signEnvelope } from "../../../lib/audit/dsse.ts";
import { generateKeyPem, parseSigningKey } from "../../../lib/audit/keys.ts";
import { formatVerifierKey, noteVerifier } from "../../../lib/audit/note.ts";
import { STATEMENT_PAYLOAD_TYPE } from "../../../lib/audit/statement.ts";
import { RollbackDrillSignaturePolicy } from "../../../lib/policy/rollback_drill_signature_policy.ts";
import { hmacHex } from "../../../lib/rollback/drill_hmac.ts";
import type { DrillPayload } from "../../../lib/rollback/drill_payload.ts";
import { signStatement } from "../../../lib/rollback/drill_statement.ts";
import { verifyDrillSignature } from "../../../lib/rollback/verify_drill_signature.ts";
import { canonicalJson } from "../../../lib/store/canonical.ts";
import { DRILL_KEY } from "../../support/rollback_repository.ts";

const KEY = await parseSigningKey(await generateKeyPem());
const PAYLOAD: DrillPayload = {
  version: 1,
  signed_at: 1_800_000_000,
  algorithm: "ed25519-dsse",
  key_id: "ci",
  artifact_patterns: {
    incident_drill_pattern: "a",
    rollback_bundle_pattern: "b",
    incident_report_pattern: "c",
  },
  artifacts: [{ path: "x.json", size: 1, mtime: 1, sha256: "0".repeat(64) }],
};
const POLICY = RollbackDrillSignaturePolicy.parse({
  version: 1,
  algorithm: "ed25519-dsse",
  trusted_keys: [{
    verifier_key: formatVerifierKey(noteVerifier("drill.example.invalid", KEY.publicKey)),
    owner: "release engineering",
    valid_from: "2020-01-01T00:00:00Z",
  }],
});

async function judged(
  signed: Record<string, unknown>,
  policy = POLICY,
): Promise<{ state: string; reason: string }> {
  const value = { ok: true, signature: "", ...signed };
  const file = { path: "s.json", sha256: "", size: 0, mtimeS: 0, timeS: 0, value, faults: [] };
  return await verifyDrillSignature(file, policy, DRILL_KEY);
}

const beside = { payload: PAYLOAD, payload_canonical_json: canonicalJson(PAYLOAD) };
const sound = await signStatement(PAYLOAD, KEY);
const text = new TextDecoder().decode(Uint8Array.fromBase64(sound.payload));
const bytesOf = (words: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(words);
const signedText = (words: string): Promise<Envelope> =>
  signEnvelope(STATEMENT_PAYLOAD_TYPE, bytesOf(words), [KEY]);

const ENVELOPES: [name: string, envelope: Envelope, says: string][] = [
  [
    "a swapped payload type",
    { ...sound, payloadType: "application/json" },
    `holds "application/json"`,
  ],
  [
    "a payload type swapped and signed so",
    await signEnvelope("application/json", bytesOf(text), [KEY]),
    `holds "application/json"`,
  ],
  [
    "a payload that was written anew",
    { ...sound, payload: bytesOf(JSON.stringify(JSON.parse(text), null, 1)).toBase64() },
    "0 trusted keys",
  ],
  [
    "a key twice in what was signed",
    await signedText(text.replace('"signed_at":', '"signed_at":1,"signed_at":')),
    "not an in-toto statement",
  ],
  [
    "a statement about something else",
    await signedText(text.replace(/rollback-drill\/v1/, "other/v1")),
    "not about drill evidence",
  ],
  [
    "subjects that are not its artifacts",
    await signedText(text.replace('"name":"x.json"', '"name":"y.json"')),
    "subjects are not its artifacts",
  ],
];

Deno.test("verifyDrillSignature() accepts the envelope the others are made from", async () => {
  assertEquals((await judged({ ...beside, envelope: sound })).state, "authentic");
});

for (const [name, envelope, says] of ENVELOPES) {
  Deno.test(`verifyDrillSignature() refuses an envelope with ${name}`, async () => {
    const { state, reason } = await judged({ ...beside, envelope });
    assertEquals(state, "invalid");
    assertStringIncludes(reason, says);
  });
}

Deno.test("verifyDrillSignature() refuses a signed text with a key twice, though the MAC holds", async () => {
  const policy = RollbackDrillSignaturePolicy.parse({ version: 1, algorithm: "hmac-sha256" });
  const payload = { ...PAYLOAD, algorithm: "hmac-sha256" };
  const sign = async (words: string) => ({
    ...{ payload, payload_canonical_json: words, signature: await hmacHex(DRILL_KEY, words) },
  });
  const once = canonicalJson(payload);
  assertEquals((await judged(await sign(once), policy)).state, "authentic");
  const twice = once.replace('"signed_at":', '"signed_at":1,"signed_at":');
  assertEquals((await judged(await sign(twice), policy)).state, "invalid");
});
