import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { appendAudit } from "../../lib/audit/append.ts";
import { parseSigningKey } from "../../lib/audit/keys.ts";
import { formatVerifierKey, noteVerifier } from "../../lib/audit/note.ts";
import { AUDIT_LOG, AUDIT_STATE } from "../../lib/audit/paths.ts";
import { sealCheckpoint } from "../../lib/audit/sealed_checkpoint.ts";
import { verifyLog } from "../../lib/audit/verify.ts";
import { sampleRecord } from "../lib/audit/sample_log.ts";
import { SEED_KEY_PEM } from "../lib/audit/seed_key.ts";
import { failedIds, runScript } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";

const ORIGIN = "audit.example.org/ops";
const KEY = await parseSigningKey(SEED_KEY_PEM);
const ENV = { WA_RELEASE_RUN_ID: "run-now" };

const POLICY = {
  version: 1,
  origin: ORIGIN,
  keys: [{
    verifier_key: formatVerifierKey(noteVerifier(ORIGIN, KEY.publicKey)),
    purposes: ["checkpoint"],
    owner: "tests",
    valid_from: "2026-01-01T00:00:00Z",
  }],
  revoked: [],
  thresholds: { checkpoint: 1, manifest: 1, witness: 0 },
  checkpoint_max_lag_entries: 2,
  max_clock_skew_s: 120,
};

/** A repository with a log of some entries by earlier runs. */
async function repository(entries: number, files = {}): Promise<TempRepository> {
  const repository = await TempRepository.make({ "deno.json": {}, ...files });
  for (let n = 1; n <= entries; n++) await appendAudit(repository.root, sampleRecord(n));
  return repository;
}

/** A checkpoint of the log as it is now, signed by the seed key. */
async function checkpointNow(repository: TempRepository): Promise<string> {
  const { head } = await verifyLog(repository.path(AUDIT_LOG));
  const root = head.tree().root();
  return await sealCheckpoint({ origin: ORIGIN, size: head.at.entries, root }, KEY);
}

async function verify(repository: TempRepository, ...args: string[]) {
  const { code, report } = await runScript("verify_audit_chain", ["--json", ...args], {
    root: repository.root,
    env: ENV,
  });
  const enforced = report.checks.filter(({ ok, mode }) => !ok && mode === "enforce");
  return { code, report, enforced: enforced.map(({ id }) => id) };
}

Deno.test("verify_audit_chain passes a whole log in strict mode and says what it examined", async () => {
  await using it = await repository(3);
  const { code, report } = await verify(it, "--strict", "--require-log", "--require-state");
  assertEquals([code, report.headline], [0, "3 entries hold"]);
  assertEquals([report["entry_count"], report["examined_count"]], [3, 3]);
  assertEquals(report.checks.filter(({ id }) => id.startsWith("entry_")), []);
});

Deno.test("verify_audit_chain without a log fails only where one is required", async () => {
  await using it = await repository(0);
  assertEquals((await verify(it, "--strict")).code, 0);
  const { code, enforced } = await verify(it, "--require-log");
  assertEquals([code, enforced], [2, ["audit_log_exists"]]);
});

Deno.test("entries of the run that verifies do not count as log or as fresh", async () => {
  await using it = await repository(0);
  const own = sampleRecord(1);
  own.correlation.run_id = ENV.WA_RELEASE_RUN_ID;
  await appendAudit(it.root, own);
  const args = ["--strict", "--require-log", "--max-age-s", "3600"];
  const { code, enforced } = await verify(it, ...args);
  assertEquals([code, enforced], [2, ["audit_log_non_empty", "audit_last_entry_fresh"]]);
  await appendAudit(it.root, sampleRecord(2));
  assertEquals((await verify(it, ...args)).code, 0);
});

Deno.test("an old log is stale in strict mode and a warning otherwise", async () => {
  await using it = await repository(0);
  await appendAudit(it.root, sampleRecord(1), { now: () => Date.now() - 100_000 });
  const strict = await verify(it, "--strict", "--max-age-s", "99");
  assertEquals([strict.code, strict.enforced], [2, ["audit_last_entry_fresh"]]);
  const lenient = await verify(it, "--max-age-s", "99");
  assertEquals([lenient.code, failedIds(lenient.report)].flat(), [
    0,
    "trust_policy_loaded",
    "audit_last_entry_fresh",
  ]);
});

Deno.test("an entry from the future is refused", async () => {
  await using it = await repository(0);
  await appendAudit(it.root, sampleRecord(1), { now: () => Date.now() + 1_000_000 });
  const { code, enforced } = await verify(it);
  assertEquals([code, enforced], [2, ["audit_ts_not_future"]]);
});

type Tamper = (it: TempRepository) => Promise<void>;
const edit = (path: string, from: string | RegExp, to: string): Tamper => async (it) =>
  await it.write(path, (await it.read(path)).replace(from, to));

const TAMPERED: [check: string, headline: string, tamper: Tamper][] = [
  ["audit_entry_hash_match", "entry 2 on line 2 edited", edit(AUDIT_LOG, '"n":2', '"n":7')],
  ["audit_entries_canonical", "entry 1 on line 1 re encoded", edit(AUDIT_LOG, '{"', '{ "')],
  ["audit_log_parse_ok", "entry 2 on line 2 malformed", edit(AUDIT_LOG, '"n":2', '"n":NaN')],
  ["audit_seq_continuous", "entry 2 on line 2 missing", edit(AUDIT_LOG, /\n.*\n/, "\n")],
  ["audit_size_not_shrunk", "entry 3 truncated", edit(AUDIT_LOG, /[^\n]*\n$/, "")],
  ["audit_size_not_shrunk", "entries 1 to 3 truncated", (it) => it.write(AUDIT_LOG, "")],
  ["audit_state_valid", "state malformed", (it) => it.write(AUDIT_STATE, "{broken")],
  ["audit_state_valid", "state edited", edit(AUDIT_STATE, '"entry_count": 3', '"entry_count": 2')],
  ["audit_torn_tail", "entry 4 on line 4 torn tail", edit(AUDIT_LOG, /$/, "{")],
  ["audit_entries_canonical", "1 on line 1 re encoded", edit(AUDIT_LOG, "{", '{"action":"a",')],
  ["audit_entries_canonical", "2 on line 2 re encoded", edit(AUDIT_LOG, '"n":2', '"n":2.0')],
  ["audit_seq_continuous", "2 on line 2 inserted", edit(AUDIT_LOG, "\n", "\n\n")],
  ["audit_log_parse_ok", "a surrogate is alone", edit(AUDIT_LOG, '"note":""', '"note":"\\ud800"')],
  ["audit_log_parse_ok", "not JSON in UTF-8", async (it) => {
    await it.write(AUDIT_LOG, (await Deno.readFile(it.path(AUDIT_LOG))).with(20, 0xff));
  }],
  ["audit_log_parse_ok", "not JSON in UTF-8", edit(AUDIT_LOG, '"n":2', '"n":Infinity')],
  ["audit_log_parse_ok", "not JSON in UTF-8", edit(AUDIT_LOG, '"n":2,', '"n":2,\n')],
  ["audit_log_parse_ok", "beyond the integers", edit(AUDIT_LOG, '"n":2', '"n":9007199254740993')],
  ["audit_log_parse_ok", "neither 1 nor 2", edit(AUDIT_LOG, /("schema_version":)2/, "$199")],
  ["audit_log_parse_ok", "seq is not a count", edit(AUDIT_LOG, '"seq":2', '"seq":"2"')],
  ["audit_log_parse_ok", "prev_hash is", edit(AUDIT_LOG, '"prev_hash":""', '"prev_hash":null')],
  ["audit_log_parse_ok", "is not a known field", edit(AUDIT_LOG, ',"seq"', ',"secret":1,"seq"')],
  ["audit_state_current", "the file was put back", async (it) => {
    const state = await it.read(AUDIT_STATE);
    await appendAudit(it.root, sampleRecord(4));
    await it.write(AUDIT_STATE, state);
  }],
];
for (const [check, headline, tamper] of TAMPERED) {
  Deno.test(`verify_audit_chain fails ${check} and names it: ${headline}`, async () => {
    await using it = await repository(3);
    await tamper(it);
    const before = [await it.read(AUDIT_LOG), await it.read(AUDIT_STATE)];
    const { code, enforced, report } = await verify(it, "--strict");
    assertEquals([code, enforced], [2, [check]]);
    assertStringIncludes(report.headline, headline);
    assertEquals(report["state_written"], false);
    assertEquals([await it.read(AUDIT_LOG), await it.read(AUDIT_STATE)], before);
  });
}

Deno.test("a missing state file is a warning, and enforced on demand", async () => {
  await using it = await repository(2);
  await Deno.remove(it.path(AUDIT_STATE));
  assertEquals((await verify(it, "--strict")).code, 0);
  const { code, enforced } = await verify(it, "--strict", "--require-state");
  assertEquals([code, enforced], [2, ["audit_state_present"]]);
  assertEquals((await it.list(".data/audit")).includes("operations_audit_chain_state.json"), false);
});

const REWRITTEN: [name: string, rewrite: Tamper][] = [
  ["the tail is cut and the state removed", async (it) => {
    await edit(AUDIT_LOG, /[^\n]*\n$/, "")(it);
    await Deno.remove(it.path(AUDIT_STATE));
  }],
  ["log and state are put back together", async (it) => {
    const older = await repository(2);
    for (const path of [AUDIT_LOG, AUDIT_STATE]) await it.write(path, await older.read(path));
    await older[Symbol.asyncDispose]();
  }],
  ["everything is rewritten with new hashes", async (it) => {
    await Deno.remove(it.path(".data/audit"), { recursive: true });
    for (let n = 1; n <= 3; n++) await appendAudit(it.root, sampleRecord(n, "rewritten"));
  }],
  ["log and state are gone", (it) => Deno.remove(it.path(".data/audit"), { recursive: true })],
];
for (const [name, rewrite] of REWRITTEN) {
  Deno.test(`an anchored checkpoint tells when ${name}`, async () => {
    await using it = await repository(3, { "security/evidence_trust_policy.json": POLICY });
    await it.write("anchor/checkpoint", await checkpointNow(it));
    const args = ["--strict", "--anchor", "anchor/checkpoint", "--require-checkpoint"];
    assertEquals((await verify(it, ...args)).code, 0);
    await rewrite(it);
    const { code, enforced } = await verify(it, ...args);
    assertEquals(code, 2);
    assert(enforced.includes("audit_size_not_shrunk") || enforced.includes("audit_root_match"));
  });
}

Deno.test("a checkpoint counts only with the origin and signatures the policy asks for", async () => {
  await using it = await repository(3, { "security/evidence_trust_policy.json": POLICY });
  const good = await checkpointNow(it);
  const cases: [note: string, failed: string[]][] = [
    [good, []],
    [good.replace("\n3\n", "\n2\n"), [
      "audit_checkpoint_valid",
      "audit_checkpoint_signature_valid",
    ]],
    [
      good.replace(`— ${ORIGIN}`, "— stranger"),
      ["audit_checkpoint_signature_valid"],
    ],
    [
      good.replaceAll(ORIGIN, "other.example.org"),
      ["audit_checkpoint_valid", "audit_checkpoint_signature_valid"],
    ],
    ["junk", ["audit_checkpoint_valid", "audit_checkpoint_signature_valid"]],
  ];
  for (const [note, failed] of cases) {
    await it.write("anchor", note);
    const { enforced } = await verify(it, "--strict", "--anchor", "anchor");
    assertEquals(enforced, failed);
  }
  const { enforced } = await verify(it, "--strict", "--anchor", "nowhere");
  assertEquals(enforced, ["audit_checkpoint_valid", "audit_checkpoint_signature_valid"]);
});

Deno.test("two checkpoints of one size with different roots are a fork", async () => {
  await using it = await repository(2, { "security/evidence_trust_policy.json": POLICY });
  await it.write(".data/audit/operations_audit_chain.checkpoint", await checkpointNow(it));
  const root = new Uint8Array(32);
  await it.write("anchor", await sealCheckpoint({ origin: ORIGIN, size: 2, root }, KEY));
  const { enforced } = await verify(it, "--anchor", "anchor");
  assert(enforced.includes("audit_checkpoint_single"));
});

Deno.test("a log far ahead of its checkpoint gets a warning", async () => {
  await using it = await repository(1, { "security/evidence_trust_policy.json": POLICY });
  await it.write("anchor", await checkpointNow(it));
  for (let n = 2; n <= 4; n++) await appendAudit(it.root, sampleRecord(n));
  const { code, report } = await verify(it, "--strict", "--anchor", "anchor");
  assertEquals([code, failedIds(report)], [0, ["audit_checkpoint_recent"]]);
});

Deno.test("--incremental reads only what is new, and in strict mode wants a checkpoint", async () => {
  await using it = await repository(5, { "security/evidence_trust_policy.json": POLICY });
  assertEquals((await verify(it)).report["state_written"], true);
  await appendAudit(it.root, sampleRecord(6));
  const next = await verify(it, "--incremental", "--no-write-state");
  assertEquals([next.report["resumed_from"], next.report["examined_count"]], [5, 1]);
  assertEquals((await verify(it, "--incremental", "--strict")).report["examined_count"], 6);
  await it.write("anchor", await checkpointNow(it));
  await appendAudit(it.root, sampleRecord(7));
  const anchored = await verify(it, "--incremental", "--strict", "--anchor", "anchor");
  assertEquals([anchored.code, anchored.report["examined_count"]], [0, 2]);
});

Deno.test("the log may be named by the environment", async () => {
  await using it = await repository(1);
  await Deno.rename(it.path(AUDIT_LOG), it.path("log.ndjson"));
  await Deno.rename(it.path(AUDIT_STATE), it.path("state.json"));
  const env = { WA_AUDIT_CHAIN_LOG: "log.ndjson", WA_AUDIT_CHAIN_STATE_FILE: "state.json" };
  const { code, report } = await runScript("verify_audit_chain", ["--json"], {
    root: it.root,
    env,
  });
  assertEquals([code, report["log_path"], report["state_loaded"]], [0, "log.ndjson", true]);
  assertEquals(failedIds(report), ["trust_policy_loaded", "audit_state_log_path_match"]);
});

Deno.test("a folder where the log should be is an error of its own, with a report", async () => {
  await using it = await TempRepository.make({ "deno.json": {}, [`${AUDIT_LOG}/x`]: "" });
  const { code, report } = await verify(it, "--strict");
  assertEquals([code, failedIds(report)], [70, ["state_readable"]]);
});

Deno.test("a log that is not text at all is named, never a crash", async () => {
  await using it = await repository(2);
  for (const bytes of [Uint8Array.of(0xff, 10), new Uint8Array(200_000), Uint8Array.of(10, 10)]) {
    await it.write(AUDIT_LOG, bytes);
    const { code, report } = await verify(it, "--strict");
    assertEquals([code, report["entry_count"]], [2, 0]);
  }
});

Deno.test("a report is as short for a long log as for a short one, also where nothing holds", async () => {
  await using it = await repository(1);
  const { report } = await verify(it, "--strict");
  const records = Array.from({ length: 2_000 }, (_, n) => sampleRecord(n));
  await appendAudit(it.root, records);
  const long = await verify(it, "--strict");
  assertEquals(long.report.checks.map(({ id }) => id), report.checks.map(({ id }) => id));
  await it.write(AUDIT_LOG, (await it.read(AUDIT_LOG)).replaceAll('"n":', '"m":'));
  const broken = await runScript("verify_audit_chain", ["--json", "--strict"], { root: it.root });
  assertEquals([broken.code, broken.report.checks.length], [2, report.checks.length]);
  assert(broken.stdout.length < 20_000, `${broken.stdout.length} bytes`);
});

Deno.test("--no-write-state and its variable leave no trace of a verification", async () => {
  await using it = await repository(2);
  const before = await it.list(".data/audit");
  await verify(it, "--no-write-state");
  const env = { WA_AUDIT_CHAIN_NO_WRITE_STATE: "1" };
  await runScript("verify_audit_chain", ["--json"], { root: it.root, env });
  assertEquals(await it.list(".data/audit"), before);
  await verify(it);
  assertEquals((await it.list(".data/audit")).length, before.length + 1);
});

Deno.test("a change that was announced and never settled is a warning that names it", async () => {
  await using it = await repository(1);
  const announced = { ...sampleRecord(2), status: "intent" };
  await appendAudit(it.root, announced);
  const open = await verify(it, "--strict");
  assertEquals([open.code, failedIds(open.report)], [0, [
    "trust_policy_loaded",
    "audit_intents_settled",
  ]]);
  const row = open.report.checks.find(({ id }) => id === "audit_intents_settled");
  assertStringIncludes(row?.hint ?? "", "entry 2 announced");
  await appendAudit(it.root, { ...announced, status: "failed" });
  assertEquals(failedIds((await verify(it, "--strict")).report), ["trust_policy_loaded"]);
});
