import { assertEquals } from "@std/assert/equals";
import { findSecret } from "../../../lib/rollback/find_secret.ts";

/** Put together here, so that scanners of this repository find no secret in it. */
const KEY = ["PRIVATE", "KEY"].join(" ");

const FOUND: [rule: string, text: string][] = [
  ["private_key", `a\n-----BEGIN ${KEY}-----\n`],
  ["private_key", `-----BEGIN OPENSSH ${KEY}-----`],
  ["url_credentials", `postgres://user:${"x".repeat(7)}@db.example.invalid/x`],
  ["webhook_url", `https://hooks.slack.com/${"services"}/T00000000/B00000000/XXXX`],
  ["access_token", `${"ghp"}_${"a1".repeat(18)}`],
  ["access_token", `${"AKIA"}IOSFODNN7EXAMPLE`],
  ["secret_member", '{"password": "correct horse"}'],
  ["secret_member", '{"oncall_webhook_url": "https://example.invalid/x"}'],
  ["known_secret", "prefix value-of-env suffix"],
];

for (const [rule, text] of FOUND) {
  Deno.test(`findSecret() finds ${rule} in ${JSON.stringify(text.slice(0, 30))}`, () => {
    assertEquals(findSecret(text, ["value-of-env"])?.rule, rule);
  });
}

const NOT_FOUND = [
  '{"webhook_env": "WA_INCIDENT_WEBHOOK_URL"}',
  '{"token": "[redacted]"}',
  '{"password": ""}',
  '{"signing_key": "<your key>"}',
  '{"key_id": "abcdefghijkl"}',
  '{"verifier_key": "ops+1f0e2d3c+AAAA"}',
  "-----BEGIN PUBLIC KEY-----",
  "https://example.invalid/path:with@signs",
  '{"secret": "WA_SECRET"}',
];

for (const text of NOT_FOUND) {
  Deno.test(`findSecret() finds nothing in ${text}`, () => {
    assertEquals(findSecret(text, []), undefined);
  });
}

Deno.test("findSecret() tells the line and ignores known values too short to be secrets", () => {
  assertEquals(findSecret('{\n\n"password": "hunter22"}', []), { rule: "secret_member", line: 3 });
  assertEquals(findSecret("a 1 b", ["1"]), undefined);
});
