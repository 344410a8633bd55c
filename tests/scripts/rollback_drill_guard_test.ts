import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { generateKeyPem, keyIdOf, parseSigningKey } from "../../lib/audit/keys.ts";
import { formatVerifierKey, noteVerifier } from "../../lib/audit/note.ts";
import { hmacHex } from "../../lib/rollback/drill_hmac.ts";
import { sha256File } from "../../lib/store/digest.ts";
import {
  DRILL_KEY,
  incidentDrill,
  makeDrillBundle,
  rollbackRepository,
} from "../support/rollback_repository.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import type { Content, TempRepository } from "../support/temp_repository.ts";

const NOW = Math.floor(Date.now() / 1000);
const DAY = 86_400;
const OUT = ".data/out";
const DRILL = `${OUT}/incident_notify_drill_${NOW}.json`;
const POLICY = "security/rollback_drill_signature_policy.json";
const KEY = { WA_ROLLBACK_DRILL_SIGNING_KEY: DRILL_KEY };

/** A repository with one passed incident drill and one bundle. */
async function drilled(
  files: Record<string, Content> = {},
): Promise<{ repository: TempRepository; bundle: string }> {
  const repository = await rollbackRepository({ [DRILL]: incidentDrill(NOW), ...files });
  return { repository, bundle: (await makeDrillBundle(repository)).bundle };
}

async function guard(
  { root }: { root: string },
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<ScriptEnd> {
  return await runScript("rollback_drill_guard", ["--json", ...args], { root, env });
}

async function sign({ root }: { root: string }, env: Record<string, string> = KEY) {
  const { code, report } = await runScript("sign_rollback_drill_evidence", ["--json"], {
    root,
    env,
  });
  assertEquals(code, 0);
  return String(report.report_path);
}

const checkOf = ({ report }: ScriptEnd, id: string) => report.checks.find((row) => row.id === id)!;

Deno.test("rollback_drill_guard in a fresh repository warns that no drill was run, and passes", async () => {
  await using repository = await rollbackRepository();
  const { code, report } = await guard(repository);
  assertEquals([code, report.ok, report.clean], [0, true, false]);
  assertEquals(failedIds(report), [
    "incident_drill_reports_count",
    "rollback_bundle_reports_count",
  ]);
  assertEquals(report.headline, "no drill was run here yet");
});

Deno.test("rollback_drill_guard --strict fails without drills", async () => {
  await using repository = await rollbackRepository();
  assertEquals((await guard(repository, ["--strict"])).code, 2);
  const { code } = await guard(repository, [], { WA_ROLLBACK_DRILL_STRICT: "1" });
  assertEquals(code, 2);
});

Deno.test("rollback_drill_guard --strict passes with fresh evidence and no signature", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  const { code, report } = await guard(repository, ["--strict", "--require-email-drill"]);
  assertEquals([code, failedIds(report)], [0, []]);
});

Deno.test("rollback_drill_guard passes without a policy file and says so", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  await Deno.remove(repository.path(POLICY));
  const end = await guard(repository, ["--strict"]);
  assertEquals(end.code, 0);
  assertStringIncludes(
    checkOf(end, "rollback_signature_policy_loaded").not_applicable!,
    "does not exist",
  );
});

/** Later than everything made before. */
const justNow = (): number => Math.floor(Date.now() / 1000) + 1;

/** One change of the evidence, and the check it must fail, under --strict. */
const CASES: [name: string, id: string, change: (it: TempRepository) => Promise<void>, string[]][] =
  [
    ["a drill that failed", "incident_drill_reports_ok", async (it) => {
      await it.write(DRILL, incidentDrill(NOW, { ok: false }));
    }, []],
    ["a drill that is 31 days old", "incident_drill_reports_fresh", async (it) => {
      await it.write(DRILL, incidentDrill(NOW - 31 * DAY));
    }, []],
    ["a drill without mail", "incident_drill_email_covered", async (it) => {
      await it.write(DRILL, incidentDrill(NOW, { with_email: false }));
    }, ["--require-email-drill"]],
    ["one drill where two are needed", "incident_drill_reports_count", async (it) => {
      const { kind: _none, ...notify } = incidentDrill(NOW, { channels: 3 });
      await it.write(`${OUT}/incident_notify_drill_notify_${NOW}.json`, notify);
      await Deno.copyFile(it.path(DRILL), it.path(`${OUT}/incident_notify_drill_${NOW + 1}.json`));
    }, ["--min-incident-drills", "2"]],
    ["one bundle where two are needed", "rollback_bundle_reports_count", async () => {}, [
      ...["--min-rollback-bundles", "2"],
    ]],
    ["a hand-written bundle report", "rollback_bundles_intact", async (it) => {
      await it.write(`${OUT}/rollback_bundle_report_${NOW + 3}.json`, {
        ...{ ok: true, generated_at: justNow(), missing_required: [] },
      });
    }, []],
    ["a bundle report without files", "rollback_bundle_reports_have_required_files", async (it) => {
      await it.write(`${OUT}/rollback_bundle_report_${NOW + 3}.json`, {
        ...{ ok: true, generated_at: justNow(), missing_required: [], files: [] },
      });
    }, []],
    ["no rehearsed rollback", "history_has_rollback_rehearsal", async () => {}, [
      "--require-history-rollback",
    ]],
    ["a traffic drill that failed", "traffic_drill_passed", async (it) => {
      await it.write(`${OUT}/rollback_drill_${NOW}.json`, {
        ...{ kind: "rollback_drill", ok: false, ended_at: NOW },
      });
    }, []],
    ["no signature where one is required", "rollback_signature_reports_count", async () => {}, [
      "--require-signature",
    ]],
    ["no key where a signature is required", "rollback_signature_key_available", async (it) => {
      await sign(it);
    }, ["--require-signature"]],
  ];

for (const [name, id, change, args] of CASES) {
  Deno.test(`rollback_drill_guard --strict fails ${id} for ${name}; without --strict it warns`, async () => {
    const { repository } = await drilled();
    await using _ = repository;
    await change(repository);
    const strict = await guard(repository, ["--strict", ...args]);
    assertEquals(strict.code, 2);
    assert(failedIds(strict.report).includes(id), failedIds(strict.report).join());
    const lax = await guard(repository, args);
    assertEquals([lax.code, lax.report.clean], [0, false]);
  });
}

/** What is wrong in itself fails in every mode. */
const GRAVE: [
  name: string,
  id: string,
  change: (it: TempRepository, bundle: string) => Promise<void>,
][] = [
  ["a malformed drill report", "incident_drill_reports_loadable", async (it) => {
    await it.write(`${OUT}/incident_notify_drill_${NOW + 2}.json`, "{");
  }],
  ['a drill whose ok is the text "false"', "incident_drill_reports_loadable", async (it) => {
    await it.write(DRILL, incidentDrill(NOW, { ok: "false" }));
  }],
  ["a drill from the future", "incident_drill_reports_fresh", async (it) => {
    await it.write(DRILL, incidentDrill(NOW + DAY));
  }],
  ["a bundle with a changed file", "rollback_bundles_intact", async (it, bundle) => {
    await it.write(`${bundle}/CHANGES.md`, "changed");
  }],
  ["a bundle that is gone", "rollback_bundles_intact", async (it, bundle) => {
    await Deno.remove(it.path(bundle), { recursive: true });
  }],
  ["a signature over a report that was edited", "rollback_signature_reports_valid", async (it) => {
    await sign(it);
    await it.write(DRILL, incidentDrill(NOW, { note: "edited" }));
  }],
  ["a signature with an edited payload", "rollback_signature_reports_valid", async (it) => {
    const path = await sign(it);
    const report = await it.json<{ payload: { signed_at: number } }>(path);
    report.payload.signed_at += 1;
    await it.write(path, report as never);
  }],
  ["a signature by another key", "rollback_signature_reports_valid", async (it) => {
    await sign(it, { WA_ROLLBACK_DRILL_SIGNING_KEY: "another-key-of-the-same-length-00" });
  }],
];

for (const [name, id, change] of GRAVE) {
  Deno.test(`rollback_drill_guard fails ${id} for ${name}, required or not, strict or not`, async () => {
    const { repository, bundle } = await drilled();
    await using _ = repository;
    await change(repository, bundle);
    const { code, report } = await guard(repository, [], KEY);
    assertEquals(code, 2);
    const failed = report.checks.filter((row) => !row.ok && row.mode === "enforce");
    assertEquals(failed.map((row) => row.id), [id]);
  });
}

Deno.test("rollback_drill_guard names the file of a bundle that was changed or removed after it was signed", async () => {
  const { repository, bundle } = await drilled();
  await using _ = repository;
  await sign(repository);
  await repository.write(`${bundle}/CHANGES.md`, "changed");
  const end = await guard(repository, ["--strict", "--require-signature"], KEY);
  assertEquals(end.code, 2);
  const said = (it: ScriptEnd): string =>
    JSON.stringify(checkOf(it, "rollback_bundles_intact").value);
  assertStringIncludes(said(end), "CHANGES.md is 7 bytes");
  await Deno.remove(repository.path(`${bundle}/CHANGES.md`));
  const gone = await guard(repository, ["--strict", "--require-signature"], KEY);
  assertEquals(gone.code, 2);
  assertStringIncludes(said(gone), "CHANGES.md is missing");
});

Deno.test("rollback_drill_guard with a required signature counts signed reports only", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  await sign(repository);
  await repository.write(
    `${OUT}/incident_notify_drill_${NOW + 1}.json`,
    incidentDrill(NOW + 1, { ok: false }),
  );
  await makeDrillBundle(repository); // as preflight does before the guard
  const args = ["--strict", "--require-signature"];
  assertEquals((await guard(repository, args, KEY)).code, 0);
  const two = await guard(repository, [...args, "--min-rollback-bundles", "2"], KEY);
  assertEquals(failedIds(two.report), [
    "rollback_bundle_reports_count",
    "rollback_signature_reports_valid",
  ]);
});

Deno.test("rollback_drill_guard takes the policy's word that a signature is required, in strict runs only if it says so", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  const policy = await repository.json<Record<string, unknown>>(POLICY);
  await repository.write(POLICY, { ...policy, required_in_strict: true });
  const lax = await guard(repository);
  assertEquals([lax.report.signature_required, lax.report.clean], [false, true]);
  const strict = await guard(repository, ["--strict"]);
  assertEquals([strict.code, strict.report.signature_required], [2, true]);
  await repository.write(POLICY, { ...policy, required: true });
  assertEquals((await guard(repository)).report.signature_required, true);
});

/** Writes a signature report as another implementation does: floats with `.0`, no extra fields. */
async function foreignSignature(
  repository: TempRepository,
  { signedAt, outerEnd, keyId = "default" }: {
    signedAt: number;
    outerEnd: number;
    keyId?: string;
  },
): Promise<void> {
  const names = (await repository.list(OUT)).filter((name) =>
    /^(incident_notify_drill|rollback_bundle_report)_\d/.test(name)
  );
  const rows = await Promise.all(names.map(async (name) => {
    const { sha256, size } = await sha256File(repository.path(`${OUT}/${name}`));
    return `{"mtime":${NOW}.0,"path":"${OUT}/${name}","sha256":"${sha256}","size":${size}}`;
  }));
  const patterns = `{"incident_drill_pattern":"a","incident_report_pattern":"b",` +
    `"rollback_bundle_pattern":"c"}`;
  const text = `{"algorithm":"hmac-sha256","artifact_patterns":${patterns},` +
    `"artifacts":[${rows.join(",")}],"key_id":"${keyId}","signed_at":${signedAt}.0,"version":1}`;
  await repository.write(`${OUT}/rollback_drill_signature_${NOW}.json`, {
    ok: true,
    ended_at: outerEnd,
    payload: JSON.parse(text),
    payload_canonical_json: text,
    signature: await hmacHex(DRILL_KEY, text),
  });
}

Deno.test("rollback_drill_guard verifies a signature whose numbers were written by another language", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  await foreignSignature(repository, { signedAt: NOW, outerEnd: NOW });
  const { code, report } = await guard(repository, ["--strict", "--require-signature"], KEY);
  assertEquals([code, failedIds(report)], [0, []]);
});

Deno.test("rollback_drill_guard ages a signature by its signed time, whatever the time around it says", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  await foreignSignature(repository, { signedAt: NOW - 90 * DAY, outerEnd: NOW });
  const args = ["--strict", "--require-signature"];
  const { code, report } = await guard(repository, args, KEY);
  assertEquals([code, failedIds(report)], [2, ["rollback_signature_reports_fresh"]]);
});

Deno.test("rollback_drill_guard lets flag and environment only lower the policy's age limit", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  await foreignSignature(repository, { signedAt: NOW - 20 * DAY, outerEnd: NOW });
  const args = ["--strict", "--require-signature"];
  assertEquals((await guard(repository, args, KEY)).code, 0);
  const lower = await guard(repository, args, {
    ...KEY,
    WA_ROLLBACK_DRILL_SIGNATURE_MAX_AGE_S: String(10 * DAY),
  });
  assertEquals(failedIds(lower.report), ["rollback_signature_reports_fresh"]);
  await repository.write(POLICY, {
    ...await repository.json<Record<string, unknown>>(POLICY),
    max_signature_age_s: 10 * DAY,
  });
  const higher = await guard(
    repository,
    [...args, "--signature-max-age-s", String(90 * DAY)],
    KEY,
  );
  assertEquals(failedIds(higher.report), ["rollback_signature_reports_fresh"]);
});

Deno.test("rollback_drill_guard is not misled by a later invalid signature where a good one stands", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  await sign(repository);
  const bad = { payload: {}, payload_canonical_json: "{}", signature: "0".repeat(64) };
  await repository.write(`${OUT}/rollback_drill_signature_${NOW + 4}.json`, {
    ...{ ok: true, ended_at: NOW + 4 },
    ...bad,
  });
  const { code, report } = await guard(repository, ["--strict", "--require-signature"], KEY);
  assertEquals([code, failedIds(report)], [0, []]);
  const { rollback_signatures: rows } = report.evidence as {
    rollback_signatures: { state: string }[];
  };
  assertEquals(rows.map(({ state }) => state).sort(), ["authentic", "invalid"]);
});

Deno.test("rollback_drill_guard verifies DSSE by the policy's keys, and refuses revoked, expired and unknown ones", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  const pem = await generateKeyPem();
  const { publicKey } = await parseSigningKey(pem);
  const trusted = {
    verifier_key: formatVerifierKey(noteVerifier("drill.example.invalid", publicKey)),
    owner: "release engineering",
    valid_from: "2020-01-01T00:00:00Z",
  };
  const base = {
    ...await repository.json<Record<string, unknown>>(POLICY),
    algorithm: "ed25519-dsse",
    required: true,
  };
  await repository.write(POLICY, { ...base, trusted_keys: [trusted] });
  await sign(repository, { WA_ROLLBACK_DRILL_SIGNING_KEY: pem });
  assertEquals((await guard(repository, ["--strict"])).code, 0);
  const revocation = {
    ...{ key_id: keyIdOf(publicKey), revoked_at: "2026-01-01T00:00:00Z", reason: "left" },
    compromised: true,
  };
  const other = formatVerifierKey(noteVerifier(
    "other.example.invalid",
    (await parseSigningKey(await generateKeyPem())).publicKey,
  ));
  const refused: [string, Record<string, unknown>][] = [
    ["revoked as compromised", { trusted_keys: [trusted], revoked: [revocation] }],
    ["valid until", { trusted_keys: [{ ...trusted, valid_until: "2021-01-01T00:00:00Z" }] }],
    ["0 trusted keys", { trusted_keys: [{ ...trusted, verifier_key: other }] }],
    ["wanted 2", { trusted_keys: [trusted, { ...trusted, verifier_key: other }], threshold: 2 }],
  ];
  for (const [says, keys] of refused) {
    await repository.write(POLICY, { ...base, ...keys });
    const end = await guard(repository, ["--strict"]);
    assertEquals(end.code, 2);
    const value = JSON.stringify(checkOf(end, "rollback_signature_reports_valid").value);
    assertStringIncludes(value, says);
  }
});

Deno.test("rollback_drill_guard refuses a signature made by another algorithm than the policy's", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  await sign(repository);
  await repository.write(POLICY, {
    ...await repository.json<Record<string, unknown>>(POLICY),
    algorithm: "ed25519-dsse",
  });
  const end = await guard(repository);
  assertEquals([end.code, failedIds(end.report)], [2, ["rollback_signature_reports_valid"]]);
});

Deno.test("rollback_drill_guard takes a word such as drill in a reason as a whole word only", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  const row = { ts: NOW - 5, action: "rollback", channel: "stable", actor: "ops" };
  const registry = await repository.json<{ history: unknown[] }>("security/release_channels.json");
  const args = ["--strict", "--require-history-rollback"];
  registry.history = [{ ...row, reason: "exercised too much CPU" }];
  await repository.write("security/release_channels.json", registry as never);
  assertEquals(failedIds((await guard(repository, args)).report), [
    "history_has_rollback_rehearsal",
  ]);
  registry.history = [{ ...row, reason: "quarterly drill" }];
  await repository.write("security/release_channels.json", registry as never);
  assertEquals((await guard(repository, args)).code, 0);
  registry.history = [{ ...row, reason: "quarterly drill", ts: NOW - 46 * DAY }];
  await repository.write("security/release_channels.json", registry as never);
  assertEquals(failedIds((await guard(repository, args)).report), [
    "history_rollback_rehearsal_fresh",
  ]);
});

Deno.test("rollback_drill_guard accepts a passed traffic drill as the rehearsed rollback", async () => {
  const { repository } = await drilled({
    [`${OUT}/rollback_drill_${NOW}.json`]: { kind: "rollback_drill", ok: true, ended_at: NOW },
  });
  await using _ = repository;
  assertEquals((await guard(repository, ["--strict", "--require-history-rollback"])).code, 0);
});

Deno.test("rollback_drill_guard --strict says that a malformed registry cannot tell of rehearsals", async () => {
  const { repository } = await drilled();
  await using _ = repository;
  await repository.write("security/release_channels.json", "{");
  const { code, report } = await guard(repository);
  assertEquals([code, failedIds(report)], [2, ["channels_loaded"]]);
});

Deno.test("rollback_drill_guard answers a pattern outside the root with exit 64", async () => {
  await using repository = await rollbackRepository();
  const { code } = await guard(repository, ["--incident-drill-pattern", "../elsewhere/*.json"]);
  assertEquals(code, 64);
});
