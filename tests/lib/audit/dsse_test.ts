import { assertEquals, assertRejects } from "@std/assert";
import {
  EnvelopeError,
  type EnvelopeVerifier,
  envelopeVerifier,
  openEnvelope,
  preAuthEncoding,
  signEnvelope,
} from "../../../lib/audit/dsse.ts";
import { generateKeyPem, parseSigningKey } from "../../../lib/audit/keys.ts";
import { Statement, STATEMENT_PAYLOAD_TYPE, STATEMENT_TYPE } from "../../../lib/audit/statement.ts";

const HELLO = "http://example.com/HelloWorld";
const hello = new TextEncoder().encode("hello world");
const PUBLISHED = {
  payload: "aGVsbG8gd29ybGQ=",
  payloadType: HELLO,
  signatures: [{
    sig: "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==",
  }],
};

/** The ECDSA P-256 key of the published example. */
async function publishedVerifier(): Promise<EnvelopeVerifier> {
  const hex = (decimal: string) => BigInt(decimal).toString(16).padStart(64, "0");
  const point = Uint8Array.fromHex(
    "04" +
      hex("46950820868899156662930047687818585632848591499744589407958293238635476079160") +
      hex("5640078356564379163099075877009565129882514886557779369047442380624545832820"),
  );
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", point, algorithm, false, ["verify"]);
  return {
    keyId: "published",
    verify: (data, signature) => crypto.subtle.verify(algorithm, key, signature, data),
  };
}

Deno.test("preAuthEncoding() gives the published bytes", () => {
  assertEquals(
    new TextDecoder().decode(preAuthEncoding(HELLO, hello)),
    "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
  );
  assertEquals(new TextDecoder().decode(preAuthEncoding("é", new Uint8Array())), "DSSEv1 2 é 0 ");
});

Deno.test("openEnvelope() accepts the published example and refuses it after one change", async () => {
  const verifiers = [await publishedVerifier()];
  const wanted = { payloadType: HELLO, threshold: 1 };
  assertEquals((await openEnvelope(PUBLISHED, verifiers, wanted)).payload, hello);
  const changed = { ...PUBLISHED, payload: "aGVsbG8gd29ybGU=" };
  await assertRejects(() => openEnvelope(changed, verifiers, wanted), EnvelopeError, "0 trusted");
});

Deno.test("openEnvelope() counts different trusted keys and nothing else", async () => {
  const keys = await Promise.all(
    [1, 2, 3].map(async () => parseSigningKey(await generateKeyPem())),
  );
  const verifiers = keys.slice(0, 2).map((key) => envelopeVerifier(key.publicKey));
  const envelope = await signEnvelope(HELLO, hello, keys);
  const open = (changed: unknown, threshold: number, payloadType = HELLO) =>
    openEnvelope(changed, verifiers, { payloadType, threshold });
  assertEquals((await open(envelope, 2)).keyIds, verifiers.map(({ keyId }) => keyId));
  await assertRejects(() => open(envelope, 3), EnvelopeError, "2 trusted keys signed it, wanted 3");
  await assertRejects(() => open(envelope, 1, "text/plain"), EnvelopeError, "wanted");
  await assertRejects(() => open(envelope, 0), RangeError);

  const [first, second] = envelope.signatures;
  const twice = { ...envelope, signatures: [first, first] };
  await assertRejects(() => open(twice, 1), EnvelopeError, "twice");
  const renamed = { ...envelope, signatures: [first, { ...second, keyid: first!.keyid }] };
  await assertRejects(() => open(renamed, 1), EnvelopeError, "twice");
  const unnamed = { ...envelope, signatures: envelope.signatures.map(({ sig }) => ({ sig })) };
  assertEquals((await open(unnamed, 2)).keyIds.length, 2);
  for (const bad of [{ ...envelope, signatures: [] }, {}, null, { ...envelope, payload: "*" }]) {
    await assertRejects(() => open(bad, 1), EnvelopeError, "Cannot accept");
  }
});

Deno.test("one key that signed twice in two spellings is refused", async () => {
  const key = await parseSigningKey(await generateKeyPem());
  const verifiers = [envelopeVerifier(key.publicKey)];
  const { signatures, ...content } = await signEnvelope(HELLO, hello, [key]);
  const sig = signatures[0]!.sig.replace(/=+$/, "");
  const envelope = { ...content, signatures: [...signatures, { sig }] };
  await assertRejects(
    () => openEnvelope(envelope, verifiers, { payloadType: HELLO, threshold: 1 }),
    EnvelopeError,
  );
});

Deno.test("Statement takes a statement and refuses one about nothing", () => {
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: "app.tar", digest: { sha256: "00ff" } }],
    predicateType: "https://slsa.dev/verification_summary/v1",
    predicate: { verificationResult: "PASSED" },
    later: true,
  };
  assertEquals<unknown>(Statement.parse(statement), statement);
  assertEquals(Statement.safeParse({ ...statement, subject: [] }).success, false);
  const bare = { ...statement, subject: [{ name: "app.tar", digest: {} }] };
  assertEquals(Statement.safeParse(bare).success, false);
  assertEquals(Statement.safeParse({ ...statement, _type: "other" }).success, false);
  assertEquals(STATEMENT_PAYLOAD_TYPE, "application/vnd.in-toto+json");
});
