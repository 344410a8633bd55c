import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AUDIT_LOG } from "../../lib/audit/paths.ts";
import { runScript, type ScriptEnd } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";
import { trustPolicy } from "../support/trust.ts";

const POLICY_FILE = "security/evidence_trust_policy.json";
const KEY_FILE = ".data/keys/key.pem";
const ENV = { WA_AUDIT_CHAIN_SIGNING_KEY_FILE: KEY_FILE };

function log(it: TempRepository, ...args: string[]): Promise<ScriptEnd> {
  return runScript("audit_log", args, { root: it.root, env: ENV });
}

const appendOne = (it: TempRepository, action: string) =>
  log(it, "append", "--action", action, "--actor", "tests", "--context", '{"why":"test"}');

/** A repository with a key its policy trusts, and some entries. */
async function repository(entries: number): Promise<TempRepository> {
  const it = await TempRepository.make({ "deno.json": {}, ".gitignore": ".data/\n" }, {
    git: true,
  });
  const args = ["generate", "--key-file", KEY_FILE, "--name", "ops", "--form", "note"];
  const { stdout } = await runScript("signing_key", args, { root: it.root });
  await it.write(POLICY_FILE, trustPolicy("ops", [stdout.trim()]));
  for (let n = 1; n <= entries; n++) await appendOne(it, `action_${n}`);
  return it;
}

Deno.test("audit_log append prints the receipt of an entry that is there", async () => {
  await using it = await repository(0);
  const { code, stdout } = await appendOne(it, "drill_announced");
  assertEquals([code, JSON.parse(stdout).sequence], [0, 1]);
  const entry = JSON.parse(await it.read(AUDIT_LOG));
  assertEquals([entry.action, entry.actor, entry.context], ["drill_announced", "tests", {
    why: "test",
  }]);
});

const REFUSED: [why: string, args: string[]][] = [
  ["--action is needed", ["--actor", "a"]],
  ["--actor is needed", ["--action", "a"]],
  ["action is blank", ["--action", " ", "--actor", "a"]],
  ["is no JSON", ["--action", "a", "--actor", "a", "--context", "{"]],
  ["written twice", ["--action", "a", "--actor", "a", "--context", '{"a":1,"b":{},"a":2}']],
  ["is no JSON object", ["--action", "a", "--actor", "a", "--context", "[]"]],
  ["beyond the integers", ["--action", "a", "--actor", "a", "--context", '{"a":9007199254740993}']],
];
for (const [why, args] of REFUSED) {
  Deno.test(`audit_log append refuses an entry: ${why}`, async () => {
    await using it = await TempRepository.make({ "deno.json": {} });
    const { code, stderr } = await log(it, "append", ...args);
    assertEquals(code, 64);
    assertStringIncludes(stderr, why);
    assertEquals((await it.list(".data/audit")).includes("operations_audit_chain.ndjson"), false);
  });
}

Deno.test("audit_log append leaves a log that does not hold as it is", async () => {
  await using it = await repository(2);
  const before = (await it.read(AUDIT_LOG)).replace("action_2", "action_7");
  await it.write(AUDIT_LOG, before);
  const { code, stderr } = await appendOne(it, "more");
  assertEquals([code, await it.read(AUDIT_LOG)], [70, before]);
  assertStringIncludes(stderr, "rewritten at line 2");
});

Deno.test("audit_log import appends all records of a file, or none", async () => {
  await using it = await repository(1);
  const record = { action: "a", actor: "b", context: { n: 1 }, run_id: "r" };
  await it.write("good.ndjson", `${JSON.stringify(record)}\n\n${JSON.stringify(record)}\n`);
  const { code, stdout } = await log(it, "import", "good.ndjson");
  assertEquals([code, stdout.trim().split("\n").length], [0, 2]);
  const before = await it.read(AUDIT_LOG);
  assertEquals(JSON.parse(before.trim().split("\n")[2]!).run_id, "r");
  for (
    const [text, why] of [
      [`${JSON.stringify(record)}\n{"action":"a"}\n`, "line 2: actor"],
      [`${JSON.stringify(record)}\nnonsense\n`, "line 2"],
      [JSON.stringify({ ...record, note: 1 }), "line 1"],
      ['{"action":"a","action":"b","actor":"c"}', "line 1: a key is written twice"],
      ["\n", "it holds no records"],
    ] as const
  ) {
    await it.write("bad.ndjson", text);
    const bad = await log(it, "import", "bad.ndjson");
    assertEquals([bad.code, await it.read(AUDIT_LOG)], [64, before]);
    assertStringIncludes(bad.stderr, why);
  }
});

Deno.test("audit_log show prints entries as they stand", async () => {
  await using it = await repository(3);
  const all = await log(it, "show", "--limit", "2");
  assertEquals(all.stdout.trim().split("\n").map((line) => JSON.parse(line).seq), [2, 3]);
  const one = await log(it, "show", "--action", "action_1");
  assertEquals(JSON.parse(one.stdout).action, "action_1");
});

Deno.test("a checkpoint is signed, anchored, and tells when the log is cut", async () => {
  await using it = await repository(3);
  const signed = await log(it, "checkpoint");
  assertEquals([signed.code, signed.stdout.split("\n").slice(0, 2)], [0, ["ops", "3"]]);
  const anchored = await log(
    it,
    ...["anchor", "--git-ref", "audit", "--file", ".data/kept", "--leaves", ".data/leaves"],
  );
  assertEquals([anchored.code, anchored.stdout], [0, signed.stdout]);
  assertEquals((await it.git("notes", "--ref=audit", "show")).trim(), signed.stdout.trim());
  assertEquals((await Deno.readFile(it.path(".data/leaves"))).length, 96);

  const verify = (...args: string[]) =>
    runScript("verify_audit_chain", ["--json", "--strict", ...args], { root: it.root });
  const args = ["--anchor-git-ref", "audit", "--anchor-leaves", ".data/leaves"];
  assertEquals((await verify(...args, "--require-checkpoint")).code, 0);
  await Deno.remove(it.path(".data/audit"), { recursive: true });
  for (const action of ["action_1", "changed", "action_3"]) await appendOne(it, action);
  const { code, report } = await verify(...args);
  assertEquals(code, 2);
  assertStringIncludes(report.headline, "entry 1 on line 1 rewritten");
  const again = await log(it, "checkpoint");
  assertEquals(again.code, 0, "another log is another log: only the anchor tells them apart");
});

Deno.test("a checkpoint is refused for a log that lost entries since the one before", async () => {
  await using it = await repository(2);
  await log(it, "checkpoint");
  const lines = (await it.read(AUDIT_LOG)).split("\n");
  await it.write(AUDIT_LOG, `${lines[0]}\n`);
  const { code, stderr } = await log(it, "checkpoint");
  assertEquals(code, 70);
  assertStringIncludes(stderr, "truncated");
});

Deno.test("a checkpoint needs a key, from a file or the environment", async () => {
  await using it = await repository(1);
  const { code, stderr } = await runScript("audit_log", ["checkpoint"], { root: it.root });
  assertEquals(code, 64);
  assertStringIncludes(stderr, "WA_AUDIT_CHAIN_SIGNING_KEY_FILE");
  const argv = await log(it, "checkpoint", "--signing-key", "secret");
  assertEquals(argv.code, 64);
  if (Deno.build.os !== "windows") {
    await Deno.chmod(it.path(KEY_FILE), 0o644);
    const open = await log(it, "checkpoint");
    assertEquals(open.code, 64);
    assertStringIncludes(open.stderr, "its mode is 0644, wanted 0600");
  }
  const pem = await it.read(KEY_FILE);
  const env = { WA_AUDIT_CHAIN_SIGNING_KEY: pem };
  const good = await runScript("audit_log", ["checkpoint"], { root: it.root, env });
  assertEquals(good.code, 0);
  const out = await it.list(".data/out");
  for (const file of out) {
    assert(!(await it.read(`.data/out/${file}`)).includes(pem.split("\n")[1]!));
  }
});

Deno.test("a proof is checked from its file alone, and fails after one change", async () => {
  await using it = await repository(4);
  await log(it, "checkpoint");
  for (const args of [["--seq", "3"], ["--from", "2"]]) {
    const { code, stdout } = await log(it, "prove", ...args);
    assertEquals(code, 0);
    await using other = await TempRepository.make({ "deno.json": {}, "proof.json": stdout });
    await other.write(POLICY_FILE, await it.read(POLICY_FILE));
    const check = () => log(other, "verify-proof", "proof.json", "--strict");
    assertEquals((await check()).code, 0);
    const changed = stdout.includes("action_3")
      ? stdout.replace("action_3", "action_9")
      : stdout.replace('"from": 2', '"from": 3');
    await other.write("proof.json", changed);
    assertEquals((await check()).code, 2);
    await other.write("proof.json", stdout.replace(/"checkpoint": ".*"/, '"checkpoint": null'));
    assertEquals((await check()).code, 2);
  }
  assertEquals((await log(it, "prove", "--seq", "5")).code, 64);
  assertEquals((await log(it, "prove")).code, 64);
});
