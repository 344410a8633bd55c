import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { createPublicKey } from "node:crypto";
import { type Envelope, preAuthEncoding, signEnvelope } from "../../../lib/audit/dsse.ts";
import { generateKeyPem, parseSigningKey, publicKeyPem } from "../../../lib/audit/keys.ts";
import { STATEMENT_PAYLOAD_TYPE, STATEMENT_TYPE } from "../../../lib/audit/statement.ts";

const statement = new TextEncoder().encode(JSON.stringify({
  _type: STATEMENT_TYPE,
  subject: [{ name: "app.tar", digest: { sha256: "00ff" } }],
  predicateType: "https://slsa.dev/verification_summary/v1",
  predicate: { verificationResult: "PASSED" },
}));
const pem = await generateKeyPem();
const key = await parseSigningKey(pem);
const envelope = await signEnvelope(STATEMENT_PAYLOAD_TYPE, statement, [key]);
const publicPem = publicKeyPem(key.publicKey);

/** The same envelope with one bit of its payload flipped. */
function flipped(): Envelope {
  const payload = Uint8Array.fromBase64(envelope.payload);
  payload[10]! ^= 1;
  return { ...envelope, payload: payload.toBase64() };
}

function sigstoreVerify(dsseEnvelope: Envelope): void {
  const bundle = bundleFromJSON({
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint: "key" }, tlogEntries: [] },
    dsseEnvelope,
  });
  const root = { tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] };
  const trust = toTrustMaterial(
    root as unknown as Parameters<typeof toTrustMaterial>[0],
    () => ({ publicKey: createPublicKey(publicPem), validFor: () => true }),
  );
  new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
    .verify(toSignedEntity(bundle));
}

Deno.test("an envelope made here is accepted by @sigstore/verify, and refused after one bit", () => {
  sigstoreVerify(envelope);
  assertThrows(() => sigstoreVerify(flipped()), Error, "signature verification failed");
});

/** Runs a program in a folder; `undefined` if it is not installed. */
async function run(cwd: string, program: string, ...args: string[]): Promise<boolean | undefined> {
  try {
    const command = new Deno.Command(program, { args, cwd, stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const folder = await Deno.makeTempDir({ prefix: "audit_interop_" });
const openssl = await run(folder, "openssl", "version");
const sshKeygen = await run(folder, "ssh-keygen", "-?");
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const absent = (found: boolean | undefined) => found === undefined ? " (skipped: absent)" : "";

Deno.test({
  name: `an envelope made here is accepted by openssl, and refused after one bit${absent(openssl)}`,
  ignore: openssl === undefined,
  async fn() {
    await Deno.writeTextFile(join(folder, "pub.pem"), publicPem);
    await Deno.writeFile(join(folder, "sig"), Uint8Array.fromBase64(envelope.signatures[0]!.sig));
    const verify = async (it: Envelope) => {
      const data = preAuthEncoding(it.payloadType, Uint8Array.fromBase64(it.payload));
      await Deno.writeFile(join(folder, "pae"), data);
      const args = ["-verify", "-pubin", "-inkey", "pub.pem", "-rawin", "-in", "pae"];
      return await run(folder, "openssl", "pkeyutl", ...args, "-sigfile", "sig");
    };
    assertEquals([await verify(envelope), await verify(flipped())], [true, false]);
  },
});

Deno.test({
  name: `a key made here is read by openssl and ssh-keygen${
    absent(openssl === undefined ? openssl : sshKeygen)
  }`,
  ignore: openssl === undefined || sshKeygen === undefined,
  async fn() {
    const { sshPublicKey } = await import("../../../lib/audit/keys.ts");
    await Deno.writeTextFile(join(folder, "key.pem"), pem, { mode: 0o600 });
    await Deno.writeTextFile(join(folder, "key.pub"), `${sshPublicKey(key.publicKey, "ops")}\n`);
    assert(await run(folder, "openssl", "pkey", "-in", "key.pem", "-noout", "-check"));
    assert(await run(folder, "ssh-keygen", "-l", "-f", "key.pub"));
  },
});
