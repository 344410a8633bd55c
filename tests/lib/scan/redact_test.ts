import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { isSecretName, redact, redactedJson } from "../../../lib/scan/redact.ts";

const NAMES: [name: string, secret: boolean][] = [
  ["WA_ROLLBACK_DRILL_SIGNING_KEY", true],
  ["WA_INCIDENT_SLACK_WEBHOOK_URL", true],
  ["WA_INCIDENT_SMTP_PASSWORD", true],
  ["api-token", true],
  ["CLIENT_SECRET", true],
  ["WA_ROLLBACK_DRILL_SIGNING_KEY_ID", false],
  ["WA_AUDIT_CHAIN_SIGNING_KEY_FILE", false],
  ["KEYBOARD", false],
  ["MONKEY", false],
  ["", false],
];

for (const [name, secret] of NAMES) {
  Deno.test(`isSecretName() says that "${name}" is ${secret ? "a" : "no"} secret`, () => {
    assertEquals(isSecretName(name), secret);
  });
}

Deno.test("redact() leaves no rest of a secret that begins with another", () => {
  assertEquals(redact("at abcdefghij end", ["abcdef", "abcdefghij"]), "at [redacted] end");
});

Deno.test("redact() finds a secret as JSON and as a URL write it", () => {
  const secret = 'p"w\n/&é#';
  for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
    assertEquals(redact(`<${form}>`, [secret]), "<[redacted]>");
  }
});

Deno.test("redact() leaves values of five characters alone and takes those of six", () => {
  assertEquals(redact("12345", ["12345"]), "12345");
  assertEquals(redact("123456", ["123456"]), "[redacted]");
});

Deno.test("redactedJson() keeps a number that holds a numeric secret, so that it stays JSON", () => {
  const text = redactedJson({ at: 1_123_456_789.5, pin: "123456" }, ["123456"]);
  assertEquals(JSON.parse(text), { at: 1_123_456_789.5, pin: "[redacted]" });
});

Deno.test("redactedJson() lets no secret through in any text or key, and stays JSON", () => {
  const secret = fc.string({ minLength: 6, maxLength: 12 });
  fc.assert(fc.property(secret, fc.string(), fc.string(), (secret, before, after) => {
    const found = `${before}${secret}${after}`;
    const text = redactedJson({ [found]: [found, { deep: found }], n: 1 }, [secret]);
    const read = JSON.parse(text) as Record<string, unknown>;
    assertFalse(
      Object.keys(read).some((key) => key.includes(secret) && !"[redacted]".includes(secret)),
    );
    assert(Object.keys(read).some((key) => key.includes("[redacted]")));
  }));
});
