import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { createPublicKey } from "node:crypto";
import { envelopeVerifier, openEnvelope, preAuthEncoding } from "../../lib/audit/dsse.ts";
import { keyIdOf, publicKeyPem, type SigningKey } from "../../lib/audit/keys.ts";
import { Statement, STATEMENT_PAYLOAD_TYPE } from "../../lib/audit/statement.ts";
import { VerificationSummary } from "../../lib/manifest/release_statement.ts";
import { GOVERNANCE, releaseRepository, writeGateReport } from "../support/release_repository.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import type { TempRepository } from "../support/temp_repository.ts";
import { manifestTrust, newKey } from "../support/trust.ts";

const SCRIPT = "generate_release_manifest";
const TRUST = "security/evidence_trust_policy.json";
const SEAL = ["--gate-evidence-pattern", GOVERNANCE, "--require-gate-evidence", "--json", "--sign"];
const CANDIDATE = ["--release-candidate-id", "rc-test"];

interface Stored {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

/** A signed manifest: where it and its envelope are, and the key that signed. */
interface Signed extends AsyncDisposable {
  repository: TempRepository;
  manifest: string;
  envelopePath: string;
  envelope: Stored;
  key: SigningKey;
  pem: string;
}

function signArgs(repository: TempRepository, pem: string, ...args: string[]): Promise<ScriptEnd> {
  return runScript(SCRIPT, [...SEAL, ...CANDIDATE, ...args], {
    root: repository.root,
    env: { WA_RELEASE_SIGNING_KEY: pem },
  });
}

async function signedRelease(): Promise<Signed> {
  const { pem, key } = await newKey();
  const repository = await releaseRepository({ [TRUST]: manifestTrust([key]) });
  const policy = "security/release_policy.json";
  const bytes = await Deno.readFile(repository.path(policy));
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  await writeGateReport(repository, { inputs: [{ path: policy, sha256, state: "ok" }] });
  const { code, report, stderr } = await signArgs(repository, pem);
  assertEquals(code, 0, `${report?.headline} ${stderr}`);
  const envelopePath = String(report.envelope);
  const envelope = await repository.json<Stored & Record<string, unknown>>(envelopePath);
  return {
    repository,
    manifest: report.report_path!,
    envelopePath,
    envelope,
    key,
    pem,
    [Symbol.asyncDispose]: () => repository[Symbol.asyncDispose](),
  };
}

function verify(signed: Signed, ...args: string[]): Promise<ScriptEnd> {
  const all = ["--verify", signed.manifest, "--require-signature", "--json", ...args];
  return runScript(SCRIPT, all, { root: signed.repository.root });
}

const pae = ({ payload, payloadType }: Stored) =>
  preAuthEncoding(payloadType, Uint8Array.fromBase64(payload));

/** The envelope with one bit of its payload, or of its signature, turned. */
function flipped(envelope: Stored, part: "payload" | "signature"): Stored {
  const flip = (base64: string): string => {
    const bytes = Uint8Array.fromBase64(base64);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    return bytes.toBase64();
  };
  return part === "payload" ? { ...envelope, payload: flip(envelope.payload) } : {
    ...envelope,
    signatures: envelope.signatures.map((row) => ({ ...row, sig: flip(row.sig) })),
  };
}

Deno.test("--sign puts a statement about manifest, commit, artifacts, gates and policies beside the manifest", async () => {
  await using signed = await signedRelease();
  const { repository, envelope, key } = signed;
  const opened = await openEnvelope(envelope, [envelopeVerifier(key.publicKey)], {
    payloadType: STATEMENT_PAYLOAD_TYPE,
    threshold: 1,
  });
  const statement = Statement.parse(JSON.parse(new TextDecoder().decode(opened.payload)));
  assertEquals(statement.subject.map(({ name }) => name), [
    signed.manifest,
    "commit",
    "deno.json",
    "src/app.ts",
  ]);
  assertEquals(statement.subject[1]?.digest, {
    gitCommit: await repository.git("rev-parse", "HEAD"),
  });
  const summary = VerificationSummary.parse(statement.predicate);
  assertEquals(summary.verificationResult, "PASSED");
  assertEquals(summary.gates.map(({ name, state, accepted }) => [name, state, accepted]), [
    ["release_governance", "valid", true],
  ]);
  const policy = summary.policies.find(({ uri }) => uri === "security/release_policy.json");
  assertEquals(policy?.digest, summary.policy.digest);
  assertMatch(policy?.digest["sha256"] ?? "", /^[0-9a-f]{64}$/);
  assertEquals(summary.inputAttestations.length, 1);
});

Deno.test("--verify --require-signature accepts what was signed and names what was changed since", async () => {
  await using signed = await signedRelease();
  const { repository, manifest } = signed;
  const holds = await verify(signed, "--strict");
  assertEquals([holds.code, failedIds(holds.report)], [0, []]);
  const text = await repository.read(manifest);
  await repository.write(manifest, text.replace('"headline": "rc', '"headline": "rC'));
  const headline = await verify(signed);
  assertEquals([headline.code, failedIds(headline.report)], [2, ["manifest_statement_agrees"]]);
  await repository.write(manifest, text);
  const policy = "security/release_policy.json";
  await repository.write(policy, `${await repository.read(policy)}\n`);
  assertEquals(failedIds((await verify(signed)).report), ["signed_policies_unchanged"]);
});

for (const part of ["payload", "signature"] as const) {
  Deno.test(`--verify refuses an envelope with one flipped bit in its ${part}`, async () => {
    await using signed = await signedRelease();
    await signed.repository.write(signed.envelopePath, { ...flipped(signed.envelope, part) });
    const { code, report } = await verify(signed);
    assertEquals([code, failedIds(report)], [2, ["manifest_signature_valid"]]);
  });
}

Deno.test("--verify tells a missing, a malformed and an unwanted envelope apart", async () => {
  await using signed = await signedRelease();
  const { repository, envelopePath } = signed;
  await repository.write(envelopePath, "{");
  const malformed = await runScript(SCRIPT, ["--verify", signed.manifest, "--json"], {
    root: repository.root,
  });
  assertEquals([malformed.code, failedIds(malformed.report)], [2, ["manifest_signature_valid"]]);
  await Deno.remove(repository.path(envelopePath));
  assertEquals(failedIds((await verify(signed)).report), ["manifest_signature_valid"]);
  const unasked = await runScript(SCRIPT, ["--verify", signed.manifest, "--json"], {
    root: repository.root,
  });
  assertEquals([unasked.code, unasked.report.summary.not_applicable], [0, 1]);
});

Deno.test("keys that are not named, not for manifests, expired or revoked do not count", async () => {
  await using signed = await signedRelease();
  const { repository, key } = signed;
  const stranger = await newKey();
  const [row] = manifestTrust([key])["keys"] as Record<string, unknown>[];
  const revoked = (compromised: boolean, revoked_at: string) => ({
    revoked: [{ key_id: keyIdOf(key.publicKey), revoked_at, compromised, reason: "test" }],
  });
  const refused: Record<string, unknown>[] = [
    manifestTrust([stranger.key]),
    manifestTrust([], { keys: [{ ...row, purposes: ["checkpoint"] }] }),
    manifestTrust([], { keys: [{ ...row, valid_until: "2021-01-01T00:00:00Z" }] }),
    manifestTrust([key], revoked(true, "2999-01-01T00:00:00Z")),
    manifestTrust([key], revoked(false, "2021-01-01T00:00:00Z")),
    manifestTrust([key], { thresholds: { checkpoint: 1, manifest: 2, witness: 0 } }),
  ];
  for (const trust of refused) {
    await repository.write(TRUST, trust);
    const failed = failedIds((await verify(signed)).report);
    assert(failed.includes("manifest_signature_valid"), JSON.stringify(trust));
  }
  await repository.write(TRUST, manifestTrust([key], revoked(false, "2999-01-01T00:00:00Z")));
  assert(!failedIds((await verify(signed)).report).includes("manifest_signature_valid"));
});

Deno.test("a key that expired after the seal still counts, by the time in the audit log", async () => {
  await using signed = await signedRelease();
  const [row] = manifestTrust([signed.key])["keys"] as Record<string, unknown>[];
  const soon = new Date(Date.now() + 60_000).toISOString();
  await signed.repository.write(
    TRUST,
    manifestTrust([], { keys: [{ ...row, valid_until: soon }] }),
  );
  const { report } = await verify(signed);
  assert(!failedIds(report).includes("manifest_signature_valid"));
});

Deno.test("--verify --sign adds a second signer, and only to a manifest that holds", async () => {
  await using signed = await signedRelease();
  const { repository, manifest, key } = signed;
  const second = await newKey();
  const thresholds = { checkpoint: 1, manifest: 2, witness: 0 };
  await repository.write(TRUST, manifestTrust([key, second.key], { thresholds }));
  const countersign = () =>
    runScript(SCRIPT, ["--verify", manifest, "--sign", "--json"], {
      root: repository.root,
      env: { WA_RELEASE_SIGNING_KEY: second.pem },
    });
  const app = await repository.read("src/app.ts");
  await repository.write("src/app.ts", "changed\n");
  assert(failedIds((await countersign()).report).includes("manifest_countersigned"));
  await repository.write("src/app.ts", app);
  assertEquals(failedIds((await countersign()).report), ["manifest_signature_valid"]);
  await countersign(); // signing twice adds nothing
  const { signatures } = await repository.json<Stored & Record<string, unknown>>(
    signed.envelopePath,
  );
  assertEquals(signatures.length, 2);
  assertEquals(
    failedIds((await verify(signed)).report).includes("manifest_signature_valid"),
    false,
  );
});

Deno.test("signing needs a key, a commit, and gates that read the policies in force", async () => {
  await using repository = await releaseRepository();
  const { pem } = await newKey();
  await writeGateReport(repository);
  const none = await runScript(SCRIPT, [...SEAL, ...CANDIDATE], { root: repository.root });
  assertEquals(none.code, 64);
  const wrong = await signArgs(repository, "no key at all");
  assertEquals(wrong.code, 64);
  assert(!(wrong.stdout + wrong.stderr).includes("no key at all"));
  const inputs = [{ path: "security/release_policy.json", sha256: "0".repeat(64), state: "ok" }];
  await writeGateReport(repository, { inputs });
  const other = await signArgs(repository, pem);
  assertEquals([other.code, failedIds(other.report)], [
    2,
    ["gates_read_signed_policies", "signing_key_trusted"],
  ]);
  await using outside = await releaseRepository({}, { git: false });
  const commitless = await signArgs(outside, pem);
  assert(failedIds(commitless.report).includes("signed_commit_known"));
});

Deno.test("a key file that others can read is refused, and no output shows a key", async () => {
  await using repository = await releaseRepository();
  const { pem } = await newKey();
  await writeGateReport(repository);
  await repository.write(".data/key.pem", pem);
  await Deno.chmod(repository.path(".data/key.pem"), 0o644);
  const env = { WA_RELEASE_SIGNING_KEY_FILE: repository.path(".data/key.pem") };
  const options = { root: repository.root, env };
  const open = await runScript(SCRIPT, [...SEAL, ...CANDIDATE], options);
  assertEquals(open.code, 64);
  await Deno.chmod(repository.path(".data/key.pem"), 0o600);
  const closed = await runScript(SCRIPT, [...SEAL, ...CANDIDATE], options);
  assertEquals(closed.code, 0, closed.stderr);
  const secret = pem.split("\n")[1]!;
  for (const name of await repository.list(".data/out")) {
    assert(!(await repository.read(`.data/out/${name}`)).includes(secret), name);
  }
  assert(!(closed.stdout + closed.stderr).includes(secret));
});

/** Whether a program can be run with these arguments. */
async function available(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const openssl = await available("openssl", "version");

Deno.test({
  name: `openssl accepts the signature over the DSSE encoding, not after one flipped bit${
    openssl ? "" : " (skipped: there is no openssl)"
  }`,
  ignore: !openssl,
  async fn() {
    await using signed = await signedRelease();
    const { repository, key } = signed;
    await repository.write(".data/public.pem", publicKeyPem(key.publicKey));
    const holds = async (envelope: Stored): Promise<boolean> => {
      await repository.write(".data/pae", pae(envelope));
      await repository.write(".data/sig", Uint8Array.fromBase64(envelope.signatures[0]!.sig));
      const options = ["-inkey", ".data/public.pem", "-rawin", "-in", ".data/pae"];
      const { success } = await new Deno.Command("openssl", {
        args: ["pkeyutl", "-verify", "-pubin", ...options, "-sigfile", ".data/sig"],
        cwd: repository.root,
        stdout: "null",
        stderr: "null",
      }).output();
      return success;
    };
    assertEquals(await holds(signed.envelope), true);
    assertEquals(await holds(flipped(signed.envelope, "payload")), false);
    assertEquals(await holds(flipped(signed.envelope, "signature")), false);
  },
});

Deno.test("@sigstore/verify accepts the envelope, not after one flipped bit", async () => {
  await using signed = await signedRelease();
  const publicKey = createPublicKey(publicKeyPem(signed.key.publicKey));
  const trust = toTrustMaterial(
    { mediaType: "", certificateAuthorities: [], ctlogs: [], timestampAuthorities: [], tlogs: [] },
    () => ({ publicKey, validFor: () => true }),
  );
  const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
  const check = (envelope: Stored) => {
    const bundle = bundleFromJSON({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint: keyIdOf(signed.key.publicKey) } },
      dsseEnvelope: envelope,
    });
    return new Verifier(trust, thresholds).verify(toSignedEntity(bundle));
  };
  check(signed.envelope);
  assertThrows(() => check(flipped(signed.envelope, "payload")));
  assertThrows(() => check(flipped(signed.envelope, "signature")));
});

/** Verifies with securesystemslib; its DSSE envelope where it has one, else over the encoding. */
const SECURESYSTEMSLIB = `
import base64, json, sys
envelope, public = json.load(sys.stdin)
try:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey
    key = SSlibKey(envelope["signatures"][0]["keyid"], "ed25519", "ed25519", {"public": public})
    try:
        Envelope.from_dict(envelope).verify([key], 1)
    except Exception as error:
        sys.exit("refused: %r" % error)
    print("envelope")
except ImportError:
    from securesystemslib.keys import verify_signature
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    data = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    signature = {"keyid": "00", "sig": base64.b64decode(envelope["signatures"][0]["sig"]).hex()}
    key = {"keytype": "ed25519", "scheme": "ed25519", "keyid": "00",
           "keyid_hash_algorithms": [], "keyval": {"public": public}}
    if not verify_signature(key, signature, data):
        sys.exit("refused")
    print("encoding")
`;
const python = "/usr/bin/python3";
const securesystemslib = await available(python, "-c", "import securesystemslib.keys, nacl");

Deno.test({
  name: `securesystemslib accepts the signature, not after one flipped bit${
    securesystemslib ? "" : " (skipped: python3-securesystemslib is not installed)"
  }`,
  ignore: !securesystemslib,
  async fn() {
    await using signed = await signedRelease();
    const check = async (envelope: Stored): Promise<string> => {
      const child = new Deno.Command(python, {
        args: ["-c", SECURESYSTEMSLIB],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      const facts = [envelope, signed.key.publicKey.toHex()];
      await writer.write(new TextEncoder().encode(JSON.stringify(facts)));
      await writer.close();
      const { success, stdout, stderr } = await child.output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout).trim();
    };
    assertMatch(await check(signed.envelope), /^(envelope|encoding)$/);
    for (const part of ["payload", "signature"] as const) {
      await assertRejects(() => check(flipped(signed.envelope, part)), Error, "refused");
    }
  },
});
