import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path/join";
import { appendAudit } from "../../../lib/audit/append.ts";
import { AuditRecordError } from "../../../lib/audit/entry.ts";
import { AuditChainError, type FaultKind } from "../../../lib/audit/fault.ts";
import { AUDIT_LOG, AUDIT_STATE } from "../../../lib/audit/paths.ts";
import { readState } from "../../../lib/audit/state.ts";
import { verifyLog } from "../../../lib/audit/verify.ts";
import { LockBusyError, lockPathFor, withLock } from "../../../lib/store/lock.ts";
import { sampleRecord } from "./sample_log.ts";

/** Bytes between two places at which a line is torn; `AUDIT_CUT_STEP=1` tears it at every byte. */
const CUT_STEP = Number(Deno.env.get("AUDIT_CUT_STEP") ?? 11);

/** A root with a log of some entries. */
class Root implements AsyncDisposable {
  readonly log: string;
  readonly state: string;
  private constructor(readonly path: string) {
    this.log = join(path, AUDIT_LOG);
    this.state = join(path, AUDIT_STATE);
  }

  static async make(entries = 0): Promise<Root> {
    const root = new Root(await Deno.makeTempDir({ prefix: "audit_append_" }));
    for (let n = 1; n <= entries; n++) await appendAudit(root.path, sampleRecord(n));
    return root;
  }

  append(n = 99): Promise<unknown> {
    return appendAudit(this.path, sampleRecord(n));
  }

  async entries(): Promise<Record<string, unknown>[]> {
    const text = await Deno.readTextFile(this.log);
    return text.trimEnd().split("\n").map((line) => JSON.parse(line));
  }

  async faults(): Promise<FaultKind[]> {
    const { faults } = await verifyLog(this.log, { stateFile: await readState(this.state) });
    return faults.map(({ kind }) => kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

Deno.test("appendAudit() gives a receipt, and what it wrote verifies", async () => {
  await using root = await Root.make(2);
  const receipts = await appendAudit(root.path, [sampleRecord(3), sampleRecord(4)]);
  assertEquals(receipts.map(({ sequence, path }) => [sequence, path]), [
    [3, AUDIT_LOG],
    [4, AUDIT_LOG],
  ]);
  const entries = await root.entries();
  assertEquals(receipts[1]!.entry_hash, entries[3]!["entry_hash"]);
  assertEquals(entries.map((entry) => entry["seq"]), [1, 2, 3, 4]);
  assertEquals(entries[0]!["release_candidate_id"], "rc-main-0123456789ab");
  assertEquals(await root.faults(), []);
  assertEquals(await appendAudit(root.path, []), []);
});

Deno.test("appendAudit() writes all records of a batch or none", async () => {
  await using root = await Root.make(1);
  const before = await Deno.readTextFile(root.log);
  const batch = [sampleRecord(2), { ...sampleRecord(3), action: "" }];
  await assertRejects(() => appendAudit(root.path, batch), AuditRecordError, "blank");
  assertEquals(await Deno.readTextFile(root.log), before);
});

Deno.test("appendAudit() keeps time from going back when the clock is set back an hour", async () => {
  await using root = await Root.make();
  const at = (ms: number) => appendAudit(root.path, sampleRecord(1), { now: () => ms });
  await at(1_771_718_400_500);
  await at(1_771_714_800_500);
  await at(1_771_718_401_000);
  const entries = await root.entries();
  assertEquals(entries.map(({ ts }) => ts), [1771718400.5, 1771718400.5, 1771718401]);
  assertEquals(entries.map((entry) => entry["clock_skew_ms"]), [undefined, 3_600_000, undefined]);
  assertEquals(await root.faults(), []);
});

Deno.test("a line torn anywhere is put in quarantine and recorded by the next append", async () => {
  await using root = await Root.make(2);
  const [log, state] = [await Deno.readFile(root.log), await Deno.readTextFile(root.state)];
  await root.append(3);
  const whole = await Deno.readFile(root.log);
  for (let cut = log.length + 1; cut < whole.length; cut += cut < log.length + 8 ? 1 : CUT_STEP) {
    await Deno.writeFile(root.log, whole.subarray(0, cut));
    await Deno.writeTextFile(root.state, state);
    assertEquals(await root.faults(), ["torn_tail"]);
    await root.append(4);
    const entries = await root.entries();
    assertEquals(entries.map(({ action }) => action)[2], "audit_recovery");
    const context = entries[2]!["context"] as Record<string, unknown>;
    assertEquals([context["reason"], context["offset"]], ["torn_tail", log.length]);
    const kept = join(root.path, ".data/audit", `${context["quarantine"]}`);
    assertEquals(await Deno.readFile(kept), whole.slice(log.length, cut));
    assertEquals(await root.faults(), []);
  }
});

Deno.test("a torn line longer than what is appended leaves nothing of itself in the log", async () => {
  await using root = await Root.make(2);
  await Deno.writeTextFile(root.log, `{"action":"${"x".repeat(9_000)}`, { append: true });
  await root.append(3);
  assertEquals((await root.entries()).length, 4);
  assertEquals(await root.faults(), []);
});

Deno.test("entries written before a writer died are followed and recorded", async () => {
  await using root = await Root.make(1);
  const state = await Deno.readTextFile(root.state);
  await root.append(2);
  await Deno.writeTextFile(root.state, state);
  assertEquals(await root.faults(), ["state_behind"]);
  await root.append(3);
  const entries = await root.entries();
  assertEquals((entries[2]!["context"] as { reason: string }).reason, "state_behind");
  assertEquals(entries.length, 4);
  assertEquals(await root.faults(), []);
});

const TAMPERED: [kind: FaultKind, tamper: (root: Root) => Promise<void>][] = [
  ["truncated", (root) => Deno.truncate(root.log, 10)],
  ["truncated", (root) => Deno.remove(root.log)],
  ["state_missing", (root) => Deno.remove(root.state)],
  ["state_malformed", (root) => Deno.writeTextFile(root.state, "{broken")],
  ["state_edited", async (root) => {
    const text = await Deno.readTextFile(root.state);
    await Deno.writeTextFile(root.state, text.replace('"entry_count": 3', '"entry_count": 2'));
  }],
  ["rewritten", async (root) => {
    const text = await Deno.readTextFile(root.log);
    await Deno.writeTextFile(root.log, text.replace(/"n":3/, '"n":4'));
  }],
  ["malformed", (root) => Deno.writeTextFile(root.log, "junk\n", { append: true })],
];
for (const [kind, tamper] of TAMPERED) {
  Deno.test(`appendAudit() refuses a log that is ${kind}, and changes nothing`, async () => {
    await using root = await Root.make(3);
    await tamper(root);
    const read = (path: string) => Deno.readTextFile(path).catch(() => undefined);
    const before = [await read(root.log), await read(root.state)];
    const error = await assertRejects(() => root.append(), AuditChainError);
    assertEquals(error.fault.kind, kind);
    assertEquals([await read(root.log), await read(root.state)], before);
  });
}

Deno.test("appendAudit() looks at the end of a log only; what lies before is the verifier's", async () => {
  await using root = await Root.make(4);
  const text = await Deno.readTextFile(root.log);
  await Deno.writeTextFile(root.log, text.replace('"n":1', '"n":7'));
  await root.append(5);
  assertEquals((await root.faults())[0], "edited");
});

Deno.test("initState begins a state file for a log that has none, on the record", async () => {
  await using root = await Root.make(2);
  await Deno.remove(root.state);
  await appendAudit(root.path, sampleRecord(3), { initState: true });
  const entries = await root.entries();
  assertEquals((entries[2]!["context"] as { reason: string }).reason, "state_begun");
  assertEquals(await root.faults(), []);
});

const OLD_LINE = '{"action": "a", "actor": "b", "context": {}, "entry_hash": "' +
  '1dbe72d879d8629778532f6823846168c0f77f25734f4fae222e7b97f2a8acba", "prev_hash": "", ' +
  '"schema_version": 1, "seq": 1, "source": "c", "status": "ok", "ts": 1771718400.0}\n';

Deno.test("a log of the older form is continued with its own state file", async () => {
  await using root = await Root.make();
  await Deno.mkdir(join(root.path, ".data/audit"), { recursive: true });
  await Deno.writeTextFile(root.log, OLD_LINE);
  await Deno.writeTextFile(
    root.state,
    JSON.stringify({
      schema_version: 1,
      updated_at: 1771718400.5,
      log_path: AUDIT_LOG,
      entry_count: 1,
      last_hash: JSON.parse(OLD_LINE).entry_hash,
      last_ts: 1771718400.0,
      file_size: OLD_LINE.length,
    }),
  );
  assertEquals(await root.faults(), []);
  await root.append(2);
  await root.append(3);
  assertEquals((await root.entries()).map((entry) => entry["schema_version"]), [1, 2, 2]);
  assertEquals(await root.faults(), []);
});

Deno.test("appendAudit() waits for a writer no longer than it was told", async () => {
  await using root = await Root.make(1);
  const lock = lockPathFor(root.path, root.log);
  await withLock(lock, { waitMs: 0, purpose: "test" }, async () => {
    await assertRejects(
      () => appendAudit(root.path, sampleRecord(2), { waitMs: 0 }),
      LockBusyError,
      "held by test",
    );
  });
});

Deno.test("the log and state may be named, and lie outside the root", async () => {
  await using root = await Root.make();
  await using other = await Root.make();
  const log = join(other.path, "log.ndjson");
  const stateFile = join(other.path, "state.json");
  const [receipt] = await appendAudit(root.path, sampleRecord(1), { log, stateFile });
  assertEquals(receipt!.path, log);
  assertMatch(await Deno.readTextFile(stateFile), /"entry_count": 1/);
  assert((await Deno.stat(log)).size > 0);
});
