import { assertEquals } from "@std/assert";
import { keyIdOf, parseSigningKey } from "../../../lib/audit/keys.ts";
import { formatVerifierKey, noteVerifier } from "../../../lib/audit/note.ts";
import { keysFor, type Trust } from "../../../lib/audit/trust.ts";
import { SEED_KEY_PEM } from "./seed_key.ts";

const { publicKey } = await parseSigningKey(SEED_KEY_PEM);
const KEY_ID = keyIdOf(publicKey);
const TRUST: Trust = {
  keys: [{
    verifier_key: formatVerifierKey(noteVerifier("ops", publicKey)),
    purposes: ["checkpoint"],
    valid_from: "1970-01-01T00:01:40Z",
    valid_until: "1970-01-01T00:03:20Z",
  }],
  revoked: [],
};
const revokedAt = (second: number, compromised: boolean): Trust => ({
  ...TRUST,
  revoked: [{ key_id: KEY_ID, revoked_at: `1970-01-01T00:02:${second - 120}Z`, compromised }],
});

const CASES: [at: number, trust: Trust, refusal: string | undefined][] = [
  [99, TRUST, "it is valid from 1970-01-01T00:01:40Z"],
  [100, TRUST, undefined],
  [199, TRUST, undefined],
  [200, TRUST, "it was valid until 1970-01-01T00:03:20Z"],
  [149, revokedAt(150, false), undefined],
  [150, revokedAt(150, false), "it was revoked at 1970-01-01T00:02:30Z"],
  [149, revokedAt(150, true), "it was revoked as compromised"],
];

for (const [at, trust, refusal] of CASES) {
  const verdict = refusal ?? "counts";
  Deno.test(`keysFor() says of a signature at ${at} s, ${trust.revoked.length} revocations: ${verdict}`, () => {
    const { trusted, refused } = keysFor(trust, "checkpoint", at);
    assertEquals(refused.map(({ reason }) => reason), refusal === undefined ? [] : [refusal]);
    assertEquals(trusted.map(({ keyId }) => keyId), refusal === undefined ? [KEY_ID] : []);
  });
}

Deno.test("keysFor() keeps to the purpose a key is trusted for, and counts a key once", () => {
  assertEquals(keysFor(TRUST, "manifest", 150).trusted, []);
  const doubled = { ...TRUST, keys: [...TRUST.keys, ...TRUST.keys] };
  assertEquals(keysFor(doubled, "checkpoint", 150).trusted.length, 1);
});

Deno.test("keysFor() heeds every row that revokes a key, in whichever order they stand", () => {
  const rows = [...revokedAt(190, false).revoked, ...revokedAt(150, false).revoked];
  for (const revoked of [rows, rows.toReversed()]) {
    assertEquals(keysFor({ ...TRUST, revoked }, "checkpoint", 149).trusted.length, 1);
    assertEquals(keysFor({ ...TRUST, revoked }, "checkpoint", 150).trusted, []);
  }
  const stolen = [...rows, ...revokedAt(199, true).revoked];
  assertEquals(keysFor({ ...TRUST, revoked: stolen }, "checkpoint", 149).trusted, []);
});
