import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { walk } from "@std/fs/walk";
import { Envelope, envelopeVerifier, openEnvelope } from "../../lib/audit/dsse.ts";
import { generateKeyPem, keyIdOf, parseSigningKey } from "../../lib/audit/keys.ts";
import { STATEMENT_PAYLOAD_TYPE } from "../../lib/audit/statement.ts";
import {
  DRILL_KEY,
  incidentDrill,
  makeDrillBundle,
  rollbackRepository,
} from "../support/rollback_repository.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import type { Content, TempRepository } from "../support/temp_repository.ts";

const NOW = Math.floor(Date.now() / 1000);
const DRILL = `.data/out/incident_notify_drill_${NOW}.json`;

/** A repository with one passed incident drill and one bundle. */
async function drilled(files: Record<string, Content> = {}): Promise<TempRepository> {
  const repository = await rollbackRepository({ [DRILL]: incidentDrill(NOW), ...files });
  await makeDrillBundle(repository);
  return repository;
}

async function signed(
  { root }: { root: string },
  args: string[] = [],
  env: Record<string, string> = { WA_ROLLBACK_DRILL_SIGNING_KEY: DRILL_KEY },
): Promise<ScriptEnd> {
  return await runScript("sign_rollback_drill_evidence", ["--json", ...args], { root, env });
}

async function hmac(key: string, text: string): Promise<string> {
  const child = new Deno.Command("openssl", {
    args: ["dgst", "-sha256", "-hmac", key, "-r"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout).slice(0, 64);
}

Deno.test("sign_rollback_drill_evidence signs by HMAC-SHA256 as openssl does", async () => {
  await using repository = await drilled();
  const { code, report } = await signed(repository, ["--strict", "--require-key"]);
  assertEquals([code, failedIds(report)], [0, []]);
  assertEquals(report.signature, await hmac(DRILL_KEY, String(report.payload_canonical_json)));
});

Deno.test("sign_rollback_drill_evidence covers times, content, and the manifest of the bundle", async () => {
  await using repository = await drilled();
  const { report } = await signed(repository, ["--key-id", "ci"]);
  const payload = report.payload as Record<string, unknown>;
  assertEquals(JSON.parse(String(report.payload_canonical_json)), payload);
  assert(Number.isInteger(payload.signed_at));
  assertEquals([payload.key_id, payload.algorithm, payload.result], [
    "ci",
    "hmac-sha256",
    "passed",
  ]);
  assertMatch(String(payload.commit), /^[0-9a-f]{40}$/);
  const paths = (payload.artifacts as { path: string }[]).map(({ path }) => path);
  assertEquals(paths.length, 3);
  assert(paths.includes(DRILL));
  assert(paths.some((path) => path.endsWith("/MANIFEST.json")));
});

Deno.test("sign_rollback_drill_evidence leaves the key in no file and no stream", async () => {
  await using repository = await drilled();
  const args = ["--strict", "--key-id", "ci"];
  const env = { WA_ROLLBACK_DRILL_SIGNING_KEY: DRILL_KEY };
  const { root } = repository;
  const ends = [
    await runScript("sign_rollback_drill_evidence", args, { root, env }),
    await signed(repository, args),
    await runScript("rollback_drill_guard", ["--json", "--require-signature"], { root, env }),
    await runScript("create_rollback_bundle", ["--json", "--recent", "9"], { root, env }),
    // A typing error must not echo it either.
    await signed(repository, [], { WA_ROLLBACK_DRILL_SIGNING_KEY_ID: "", ...env }),
  ];
  for (const { stdout, stderr } of ends) assert(!(stdout + stderr).includes(DRILL_KEY));
  let examined = 0;
  for await (const { path } of walk(root, { includeDirs: false })) {
    examined++;
    assert(!(await Deno.readTextFile(path)).includes(DRILL_KEY), path);
  }
  assert(examined > 40);
});

Deno.test("sign_rollback_drill_evidence has no flag that takes the key", async () => {
  await using repository = await drilled();
  const { code, stderr } = await signed(repository, ["--signing-key", DRILL_KEY], {});
  assertEquals(code, 64);
  assert(!stderr.includes(DRILL_KEY));
});

Deno.test("sign_rollback_drill_evidence reads the key from the file that _FILE names", async () => {
  await using repository = await drilled();
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `${DRILL_KEY}\n`);
  const { code, report } = await signed(repository, ["--strict"], {
    WA_ROLLBACK_DRILL_SIGNING_KEY_FILE: file,
  });
  await Deno.remove(file);
  assertEquals(code, 0);
  assertEquals(report.signature, await hmac(DRILL_KEY, String(report.payload_canonical_json)));
});

Deno.test("sign_rollback_drill_evidence without a key signs nothing and is never clean", async () => {
  await using repository = await drilled();
  const lax = await signed(repository, [], {});
  assertEquals([lax.code, lax.report.clean, lax.report.signature], [0, false, ""]);
  const failed = ["drill_signature_key_available", "drill_signature_created"];
  assertEquals(failedIds(lax.report), failed);
  for (const args of [["--strict"], ["--require-key"]]) {
    const { code, report } = await signed(repository, args, {});
    assertEquals([code, report.ok, failedIds(report)], [2, false, failed]);
  }
});

Deno.test("sign_rollback_drill_evidence signs nothing where there is no evidence", async () => {
  await using repository = await rollbackRepository();
  const { report } = await signed(repository);
  assertEquals([report.clean, report.signature], [false, ""]);
  assertEquals(failedIds(report), [
    ...["drill_evidence_artifacts_found", "drill_evidence_has_incident_and_rollback"],
    "drill_signature_created",
  ]);
  assertEquals((await signed(repository, ["--strict"])).code, 2);
});

Deno.test("sign_rollback_drill_evidence says in the signature that a drill failed, and refuses it under --strict", async () => {
  await using repository = await drilled({ [DRILL]: incidentDrill(NOW, { ok: false }) });
  const lax = await signed(repository);
  assertEquals((lax.report.payload as { result: string }).result, "failed");
  const strict = await signed(repository, ["--strict"]);
  assertEquals([strict.code, strict.report.signature], [2, ""]);
  assert(failedIds(strict.report).includes("drill_evidence_passed"));
});

Deno.test("sign_rollback_drill_evidence refuses a bundle that was changed, in every mode", async () => {
  await using repository = await rollbackRepository({ [DRILL]: incidentDrill(NOW) });
  const { bundle } = await makeDrillBundle(repository);
  await Deno.writeTextFile(repository.path(`${bundle}/CHANGES.md`), "changed");
  const { code, report } = await signed(repository);
  assertEquals([code, report.signature], [2, ""]);
  assert(failedIds(report).includes("drill_evidence_loadable"));
});

Deno.test("sign_rollback_drill_evidence refuses a short key under --strict", async () => {
  await using repository = await drilled();
  const { code, report } = await signed(repository, ["--strict"], {
    WA_ROLLBACK_DRILL_SIGNING_KEY: "short-key",
  });
  assertEquals(code, 2);
  assert(failedIds(report).includes("drill_signature_key_strong"));
});

Deno.test("sign_rollback_drill_evidence takes only key ids of the policy, where it lists any", async () => {
  await using repository = await drilled();
  const file = "security/rollback_drill_signature_policy.json";
  await repository.write(file, {
    ...await repository.json<Record<string, unknown>>(file),
    key_ids: ["ci"],
  });
  const refused = await signed(repository, ["--key-id", "laptop"]);
  assertEquals([refused.code, refused.report.signature], [2, ""]);
  assert(failedIds(refused.report).includes("drill_signature_key_id_known"));
  assertEquals((await signed(repository, ["--strict", "--key-id", "ci"])).code, 0);
});

Deno.test("sign_rollback_drill_evidence does what the policy's algorithm says: an in-toto statement in DSSE", async () => {
  await using repository = await drilled();
  const file = "security/rollback_drill_signature_policy.json";
  await repository.write(file, {
    ...await repository.json<Record<string, unknown>>(file),
    algorithm: "ed25519-dsse",
  });
  const pem = await generateKeyPem();
  const { publicKey } = await parseSigningKey(pem);
  const { code, report } = await signed(repository, ["--strict"], {
    WA_ROLLBACK_DRILL_SIGNING_KEY: pem,
  });
  assertEquals([code, report.signature, report.key_id], [0, "", keyIdOf(publicKey)]);
  const { payload } = await openEnvelope(
    Envelope.parse(report.envelope),
    [envelopeVerifier(publicKey)],
    { payloadType: STATEMENT_PAYLOAD_TYPE, threshold: 1 },
  );
  const statement = JSON.parse(new TextDecoder().decode(payload));
  assertEquals(statement.predicate, report.payload);
  assertEquals(statement.subject.length, 3);
  const secretLine = pem.split("\n")[1]!;
  assert(!JSON.stringify(report).includes(secretLine));
});

Deno.test("sign_rollback_drill_evidence answers a key of the wrong kind with exit 64, not with the key", async () => {
  await using repository = await drilled();
  const file = "security/rollback_drill_signature_policy.json";
  await repository.write(file, {
    ...await repository.json<Record<string, unknown>>(file),
    algorithm: "ed25519-dsse",
  });
  const { code, stdout, stderr } = await signed(repository);
  assertEquals(code, 64);
  assert(!(stdout + stderr).includes(DRILL_KEY));
});

for (
  const [key, value] of [
    ["algorithm", "rot13"],
    ["key_env", "WA_OTHER_KEY"],
    ["key_id_env", "WA_OTHER_ID"],
    ["required", "false"],
    ["max_signature_age_s", 0],
    ["version", 99],
  ] as const
) {
  Deno.test(`sign_rollback_drill_evidence and rollback_drill_guard refuse a policy whose ${key} is ${value}`, async () => {
    await using repository = await rollbackRepository();
    const file = "security/rollback_drill_signature_policy.json";
    await repository.write(file, {
      ...await repository.json<Record<string, unknown>>(file),
      [key]: value,
    });
    const { root } = repository;
    for (const script of ["sign_rollback_drill_evidence", "rollback_drill_guard"]) {
      const { code, report } = await runScript(script, ["--json"], { root });
      assertEquals([code, failedIds(report)], [2, ["rollback_signature_policy_loaded"]]);
    }
  });
}
