import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import {
  generateKeyPem,
  keyIdOf,
  parsePublicKey,
  parseSigningKey,
  publicKeyPem,
  readSigningKey,
  signBytes,
  sshPublicKey,
  verifyBytes,
} from "../../../lib/audit/keys.ts";
import { SEED_KEY_PEM, SEED_PUBLIC_KEY } from "./seed_key.ts";
import { vectorsAt } from "./vectors.ts";

Deno.test("parseSigningKey() finds the published public key of the seed 00..1f", async () => {
  const key = await parseSigningKey(SEED_KEY_PEM);
  assertEquals(key.publicKey.toHex(), SEED_PUBLIC_KEY);
});

Deno.test("a generated key signs, and every public form leads back to it", async () => {
  const key = await parseSigningKey(await generateKeyPem());
  const data = new TextEncoder().encode("checkpoint");
  const signature = await signBytes(key, data);
  assert(await verifyBytes(key.publicKey, data, signature));
  assert(!await verifyBytes(key.publicKey, data.slice(1), signature));
  assert(!await verifyBytes(key.publicKey, data, signature.slice(1)));
  assertEquals(parsePublicKey(publicKeyPem(key.publicKey)), key.publicKey);
  const [type, blob, comment] = sshPublicKey(key.publicKey, "ops").split(" ");
  assertEquals([type, comment], ["ssh-ed25519", "ops"]);
  assertEquals(Uint8Array.fromBase64(blob!).slice(-32), key.publicKey);
  assertEquals(keyIdOf(key.publicKey).length, 64);
});

Deno.test("parseSigningKey() refuses other keys without repeating them", async () => {
  const secret = "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCBzZWNyZXQ=";
  const pem = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`;
  for (const text of [pem, secret, "", publicKeyPem(new Uint8Array(32))]) {
    const error = await assertRejects(() => parseSigningKey(text), TypeError, "Cannot read the");
    assert(!error.message.includes(secret));
  }
  assertThrows(() => parsePublicKey(SEED_KEY_PEM), TypeError, 'not PEM "PUBLIC KEY"');
});

Deno.test({
  name: "readSigningKey() refuses a file that others may read",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    const path = join(folder, "key.pem");
    await Deno.writeTextFile(path, SEED_KEY_PEM, { mode: 0o644 });
    await assertRejects(() => readSigningKey(path), TypeError, "its mode is 0644, wanted 0600");
    await Deno.chmod(path, 0o600);
    assertEquals((await readSigningKey(path)).publicKey.toHex(), SEED_PUBLIC_KEY);
    await Deno.remove(folder, { recursive: true });
  },
});

interface Wycheproof {
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
  }[];
}

const wycheproof = vectorsAt("wycheproof/ed25519_test.json");
Deno.test({
  name: `verifyBytes() judges all Wycheproof Ed25519 cases as published${wycheproof.reason}`,
  ignore: !wycheproof.present,
  async fn() {
    const { testGroups }: Wycheproof = JSON.parse(await Deno.readTextFile(wycheproof.url));
    let cases = 0;
    for (const { publicKey, tests } of testGroups) {
      for (const it of tests) {
        const [key, message, signature] = [publicKey.pk, it.msg, it.sig]
          .map((hex) => Uint8Array.fromHex(hex));
        const holds = await verifyBytes(key!, message!, signature!);
        assertEquals(holds, it.result === "valid", `case ${it.tcId}: ${it.comment}`);
        cases += 1;
      }
    }
    assertEquals(cases, 151);
  },
});
