import { assertEquals, assertStringIncludes } from "@std/assert";
import { cosignNote, formatVerifierKey, noteVerifier, splitNote } from "../../lib/audit/note.ts";
import { runScript, type ScriptEnd } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";
import { newKey, trustPolicy } from "../support/trust.ts";

const TRUST = "security/evidence_trust_policy.json";
const CHECKPOINT = ".data/audit/operations_audit_chain.checkpoint";
const ORIGIN = "ops";

/** A repository whose policy trusts some keys for checkpoints, and their secret forms. */
interface Signed extends AsyncDisposable {
  it: TempRepository;
  pems: string[];
  /** Writes the policy anew with changes. */
  trust(changes: Record<string, unknown>, key?: Record<string, unknown>): Promise<void>;
}

async function repository(entries: number, signers = 1): Promise<Signed> {
  const made = await Promise.all(Array.from({ length: signers }, newKey));
  const it = await TempRepository.make({ "deno.json": {}, ".gitignore": ".data/\n" }, {
    git: true,
  });
  const trust: Signed["trust"] = (changes, key = {}) =>
    it.write(
      TRUST,
      trustPolicy(
        ORIGIN,
        made.map(({ key: { publicKey } }) => formatVerifierKey(noteVerifier(ORIGIN, publicKey))),
        { key, ...changes },
      ),
    );
  await trust({});
  for (let n = 1; n <= entries; n++) await append(it, `action_${n}`);
  const dispose = () => it[Symbol.asyncDispose]();
  return { it, pems: made.map(({ pem }) => pem), trust, [Symbol.asyncDispose]: dispose };
}

const run = (it: TempRepository, ...args: string[]): Promise<ScriptEnd> =>
  runScript("audit_log", args, { root: it.root });

const append = (it: TempRepository, action: string): Promise<ScriptEnd> =>
  run(it, "append", "--action", action, "--actor", "tests");

const checkpoint = ({ it, pems }: Signed, signer = 0): Promise<ScriptEnd> =>
  runScript("audit_log", ["checkpoint"], {
    root: it.root,
    env: { WA_AUDIT_CHAIN_SIGNING_KEY: pems[signer]! },
  });

/** What a strict verification that wants a checkpoint says of the one made here. */
async function verdict(it: TempRepository): Promise<Verdict> {
  const args = ["--json", "--strict", "--require-checkpoint"];
  const { code, report } = await runScript("verify_audit_chain", args, { root: it.root });
  const enforced = report.checks.filter(({ ok, mode }) => !ok && mode === "enforce");
  return [code, enforced.map(({ id }) => id)];
}

type Verdict = [code: number, failed: string[]];
const HOLDS: Verdict = [0, []];
const UNSIGNED: Verdict = [2, ["audit_checkpoint_signature_valid"]];

Deno.test("a checkpoint is kept in a folder that is made for it, and replaced by its successor", async () => {
  await using signed = await repository(1);
  const { it } = signed;
  await checkpoint(signed);
  const keep = ["anchor", "--file", ".data/kept/of/ops", "--leaves", ".data/kept/leaves"];
  assertEquals((await run(it, ...keep)).code, 0);
  await append(it, "more");
  await checkpoint(signed);
  assertEquals((await run(it, ...keep)).code, 0);
  assertEquals(await it.read(".data/kept/of/ops"), await it.read(CHECKPOINT));
  assertEquals((await Deno.readFile(it.path(".data/kept/leaves"))).length, 64);
});

Deno.test("what is kept is not replaced by a checkpoint of another log, of fewer entries, or of nothing known", async () => {
  await using signed = await repository(2);
  const { it } = signed;
  await checkpoint(signed);
  const early = await it.read(CHECKPOINT);
  await append(it, "action_3");
  await checkpoint(signed);
  const keep = ["anchor", "--file", ".data/kept", "--git-ref", "audit"];
  assertEquals((await run(it, ...keep)).code, 0);
  const kept = await it.read(".data/kept");
  const refused = async (code: number, why: string, args = keep) => {
    const end = await run(it, ...args);
    assertEquals([end.code, await it.read(".data/kept")], [code, kept], end.stderr);
    assertStringIncludes(end.stderr, why);
    assertEquals((await it.git("notes", "--ref=audit", "show")).trim(), kept.trim());
  };

  await it.write(CHECKPOINT, early);
  await refused(64, "Cannot go back: note of ");
  await refused(64, "Cannot go back: .data/kept has 3 entries", keep.slice(0, 3));

  await Deno.remove(it.path(".data/audit"), { recursive: true });
  for (const action of ["changed", "action_2", "action_3", "action_4"]) await append(it, action);
  await checkpoint(signed);
  await refused(70, "has another root for 3 entries");
  await refused(70, ".data/kept has another root", keep.slice(0, 3));

  await it.write(".data/other", "the diary of a whaler\n");
  await refused(70, "keep it elsewhere", ["anchor", "--file", ".data/other"]);
  assertEquals(await it.read(".data/other"), "the diary of a whaler\n");
});

Deno.test("where a run may not write, it says with which grant it may, and that stdout needs none", async () => {
  await using signed = await repository(1);
  await checkpoint(signed);
  await using outside = await TempRepository.make({});
  const { code, stderr } = await run(signed.it, "anchor", "--file", outside.path("checkpoint"));
  assertEquals(code, 64);
  assertStringIncludes(stderr, `--allow-write=.data,${outside.root}`);
  assertStringIncludes(stderr, "redirected");
  assertEquals(await outside.list("."), ["security"]);
});

Deno.test("the verifier takes anchors from flags and from the environment alike", async () => {
  await using signed = await repository(2);
  const { it } = signed;
  await checkpoint(signed);
  const keep = ["--git-ref", "audit", "--file", ".data/kept", "--leaves", ".data/leaves"];
  assertEquals((await run(it, "anchor", ...keep)).code, 0);
  await Deno.remove(it.path(".data/audit"), { recursive: true });
  await append(it, "rewritten");
  await append(it, "action_2");
  const verify = async (args: string[], env: Record<string, string>) => {
    const all = { root: it.root, env };
    const { code, report } = await runScript("verify_audit_chain", ["--json", ...args], all);
    return [code, report.checks.find(({ id }) => id === "audit_root_match")?.ok];
  };
  assertEquals(await verify([], {}), [0, true], "without an anchor nothing tells");
  const places: [flag: string, name: string, value: string][] = [
    ["--anchor", "WA_AUDIT_CHAIN_ANCHOR_FILE", ".data/kept"],
    ["--anchor-git-ref", "WA_AUDIT_CHAIN_ANCHOR_GIT_REF", "audit"],
  ];
  for (const [flag, name, value] of places) {
    assertEquals(await verify([flag, value], {}), [2, false], flag);
    assertEquals(await verify([], { [name]: value }), [2, false], name);
  }
  const leaves = { WA_AUDIT_CHAIN_ANCHOR_LEAVES: ".data/leaves" };
  const exact = await verify(["--anchor", ".data/kept"], leaves);
  assertEquals(exact, [2, false]);
});

Deno.test("two keys sign one checkpoint one after the other, and only both meet a threshold of two", async () => {
  await using signed = await repository(2, 2);
  const { it, trust } = signed;
  await trust({ thresholds: { checkpoint: 2, manifest: 1, witness: 0 } });
  await checkpoint(signed, 0);
  assertEquals(await verdict(it), UNSIGNED);
  await checkpoint(signed, 0);
  assertEquals(splitNote(await it.read(CHECKPOINT)).signatures.length, 1);
  assertEquals(await verdict(it), UNSIGNED, "one key that signs twice is one signer");
  const proof = async (): Promise<number> => {
    await it.write("proof.json", (await run(it, "prove", "--seq", "1")).stdout);
    return (await run(it, "verify-proof", "proof.json", "--strict")).code;
  };
  assertEquals(await proof(), 2);
  await checkpoint(signed, 1);
  assertEquals(splitNote(await it.read(CHECKPOINT)).signatures.length, 2);
  assertEquals(await verdict(it), HOLDS);
  assertEquals(await proof(), 0);
  await append(it, "action_3");
  await checkpoint(signed, 1);
  assertEquals(splitNote(await it.read(CHECKPOINT)).signatures.length, 1);
});

Deno.test("a checkpoint stays valid after a rotation, and loses its worth by revocation", async () => {
  await using signed = await repository(1, 2);
  const { it, trust } = signed;
  await checkpoint(signed, 0);
  const { verifier_key } = (await it.json<{ keys: { verifier_key: string }[] }>(TRUST)).keys[0]!;
  const key_id = await keyId(verifier_key);
  const revoked = (revoked_at: string, compromised: boolean) => ({
    revoked: [{ key_id, revoked_at, compromised, reason: "test" }],
  });
  const past = "2026-01-02T00:00:00Z";
  const later = "2999-01-01T00:00:00Z";
  const cases: [changes: object, key: object, wanted: Verdict][] = [
    [{}, { valid_until: later }, HOLDS],
    [{}, { valid_until: past }, UNSIGNED],
    [{}, { valid_from: later }, UNSIGNED],
    [{}, { purposes: ["manifest"] }, UNSIGNED],
    [revoked(later, false), {}, HOLDS],
    [revoked(past, false), {}, UNSIGNED],
    [revoked(later, true), {}, UNSIGNED],
  ];
  for (const [changes, key, wanted] of cases) {
    await trust({ ...changes }, { ...key });
    assertEquals(await verdict(it), wanted, JSON.stringify({ changes, key }));
  }
  // Rotation: the old key ends once its last checkpoint is made; the new one signs what follows.
  const policy = await it.json<{ keys: Record<string, unknown>[] }>(TRUST);
  const { ts } = JSON.parse(await it.read(".data/audit/operations_audit_chain.ndjson"));
  const now = new Date(ts * 1000 + 1).toISOString();
  await trust({
    keys: [
      { ...policy.keys[0], purposes: ["checkpoint"], valid_until: now },
      { ...policy.keys[1], purposes: ["checkpoint"], valid_from: now },
    ],
  });
  assertEquals(await verdict(it), HOLDS);
  await append(it, "action_2");
  await checkpoint(signed, 0);
  assertEquals(await verdict(it), UNSIGNED, "the old key signed what came after its end");
  await checkpoint(signed, 1);
  assertEquals(await verdict(it), HOLDS);
});

Deno.test("where witnesses are asked for, the log's own signature is not enough, in no place", async () => {
  await using signed = await repository(2);
  const { it, trust } = signed;
  const { key } = await newKey();
  const witness = noteVerifier("witness.example.org", key.publicKey, "cosignature");
  const { keys } = await it.json<{ keys: Record<string, unknown>[] }>(TRUST);
  const verifier_key = formatVerifierKey(witness);
  await trust({
    keys: [...keys, { ...keys[0], verifier_key, purposes: ["witness"] }],
    thresholds: { checkpoint: 1, manifest: 1, witness: 1 },
  });
  await checkpoint(signed);
  const proof = async (): Promise<number> => {
    await it.write("proof.json", (await run(it, "prove", "--from", "1")).stdout);
    return (await run(it, "verify-proof", "proof.json", "--strict")).code;
  };
  assertEquals([await verdict(it), await proof()], [UNSIGNED, 2]);
  const note = await it.read(CHECKPOINT);
  const { text } = splitNote(note);
  const line = await cosignNote(text, witness.name, key, Math.floor(Date.now() / 1000));
  await it.write(CHECKPOINT, `${note}${line}\n`);
  assertEquals([await verdict(it), await proof()], [HOLDS, 0]);
});

/** SHA-256 of the SPKI form, as the policy names keys, from a verifier key. */
async function keyId(verifierKey: string): Promise<string> {
  const bytes = Uint8Array.fromBase64(verifierKey.split("+").slice(2).join("+"));
  const spki = Uint8Array.of(...Uint8Array.fromHex("302a300506032b6570032100"), ...bytes.slice(1));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", spki)).toHex();
}
