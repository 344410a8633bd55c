import { assertEquals } from "@std/assert";
import { join } from "@std/path/join";
import { headAt } from "../../../lib/audit/resume.ts";
import { verifyLog } from "../../../lib/audit/verify.ts";
import { joinLines, sampleLog, sampleRecord } from "./sample_log.ts";

const log = sampleLog(Array.from({ length: 900 }, (_, i) => sampleRecord(i)));
const folder = await Deno.makeTempDir({ prefix: "audit_verify_" });
const path = join(folder, "log.ndjson");
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

Deno.test("verifyLog() gives the same head with threads and without", async () => {
  await Deno.writeFile(path, joinLines(log.lines));
  const stateFile = { status: "ok" as const, state: log.state };
  const alone = await verifyLog(path, { stateFile });
  const threaded = await verifyLog(path, { threadsFrom: 0 });
  assertEquals([alone.faults, threaded.faults], [[], []]);
  assertEquals(threaded.head.at, alone.head.at);
  assertEquals(threaded.head.tree().root().toHex(), log.state.root_hash);
  assertEquals(threaded.head.before, alone.head.before);
});

Deno.test("verifyLog() names the same fault with threads and without", async () => {
  const text = new TextDecoder().decode(joinLines(log.lines));
  for (
    const changed of [text.replace('"n":700', '"n":701'), `${text}{"half`, text.slice(0, -500)]
  ) {
    await Deno.writeTextFile(path, changed);
    const stateFile = { status: "ok" as const, state: log.state };
    const alone = await verifyLog(path, { stateFile });
    const threaded = await verifyLog(path, { stateFile, threadsFrom: 0 });
    assertEquals(threaded.faults, alone.faults);
    assertEquals(alone.faults.length > 0, true);
  }
});

Deno.test("verifyLog() goes on from a position, and compares a checkpoint after it", async () => {
  const earlier = sampleLog([], log.lines.slice(0, 600));
  await Deno.writeFile(path, joinLines(log.lines));
  const root = Uint8Array.fromHex(log.state.root_hash);
  const checkpoints = [{ name: "newest", size: 900, root }];
  const found = await verifyLog(path, { checkpoints }, await headAt(path, earlier.state));
  assertEquals([found.resumedFrom, found.examined, found.faults], [600, 300, []]);
  assertEquals(found.compared.map(({ name }) => name), ["newest"]);

  const otherRoot = [{ name: "newest", size: 900, root: new Uint8Array(32) }];
  const bad = await verifyLog(path, { checkpoints: otherRoot }, await headAt(path, earlier.state));
  assertEquals(bad.faults.map(({ kind, entry }) => [kind, entry]), [["rewritten", 601]]);
});

Deno.test("headAt() refuses a position that does not fit the log", async () => {
  await Deno.writeFile(path, joinLines(log.lines));
  const { state } = sampleLog([], log.lines.slice(0, 600));
  assertEquals((await headAt(path, state))?.at.entries, 600);
  const other = sampleLog(Array.from({ length: 600 }, (_, i) => sampleRecord(i, "other"))).state;
  assertEquals(await headAt(path, other), undefined);
  assertEquals(await headAt(path, { ...state, file_size: state.file_size - 3 }), undefined);
  const frontier_before_last = other.frontier_before_last;
  assertEquals(await headAt(path, { ...state, frontier_before_last }), undefined);
});
