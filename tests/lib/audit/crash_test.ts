import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path/join";
import { appendAudit } from "../../../lib/audit/append.ts";
import { AUDIT_LOG, AUDIT_STATE } from "../../../lib/audit/paths.ts";
import { readState } from "../../../lib/audit/state.ts";
import { verifyLog } from "../../../lib/audit/verify.ts";
import { sampleRecord, seeded } from "./sample_log.ts";

const WRITER = new URL("./writer.ts", import.meta.url);
const CONFIG = new URL("../../../deno.json", import.meta.url);
/** Whole numbers: `AUDIT_KILLS=500` runs the long form. */
const KILLS = Number(Deno.env.get("AUDIT_KILLS") ?? 12);
const APPENDS = Number(Deno.env.get("AUDIT_APPENDS") ?? 50);

function startWriter(root: string, count: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--config", toPath(CONFIG)],
      ...[`--allow-read`, `--allow-write=${root}`],
      ...[toPath(WRITER), root, String(count)],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

const toPath = (url: URL): string => decodeURIComponent(url.pathname);

interface Acknowledged {
  sequence: number;
  entry_hash: string;
}

/** Receipts a writer printed; the last line may be cut by its death. */
function receiptsOf(stdout: string): Acknowledged[] {
  return stdout.split("\n").slice(0, -1).filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

async function entriesOf(root: string): Promise<Map<number, Record<string, unknown>>> {
  const text = await Deno.readTextFile(join(root, AUDIT_LOG));
  return new Map(
    text.trimEnd().split("\n").map((line) => {
      const entry = JSON.parse(line);
      return [entry.seq, entry];
    }),
  );
}

async function verify(root: string): Promise<unknown[]> {
  const stateFile = await readState(join(root, AUDIT_STATE));
  return (await verifyLog(join(root, AUDIT_LOG), { stateFile })).faults;
}

Deno.test(`writers killed at ${KILLS} moments lose nothing they acknowledged`, async () => {
  const root = await Deno.makeTempDir({ prefix: "audit_kill_" });
  const random = seeded(7);
  const acknowledged: Acknowledged[] = [];
  for (let i = 0; i < KILLS; i++) {
    const writer = startWriter(root, 1_000_000);
    const reader = writer.stdout.getReader();
    let stdout = "";
    const decoder = new TextDecoder();
    // The moment: after some receipts, plus a few microtask turns, so that it falls anywhere.
    for (const wanted = 1 + Math.floor(random() * 5); receiptsOf(stdout).length < wanted;) {
      const { value } = await reader.read();
      stdout += decoder.decode(value, { stream: true });
    }
    const spin = performance.now() + random() * 8;
    while (performance.now() < spin);
    writer.kill("SIGKILL");
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      stdout += decoder.decode(part.value, { stream: true });
    }
    await writer.status;
    acknowledged.push(...receiptsOf(stdout));
  }
  await appendAudit(root, sampleRecord(1));
  assertEquals(await verify(root), []);
  const entries = await entriesOf(root);
  for (const { sequence, entry_hash } of acknowledged) {
    assertEquals(entries.get(sequence)?.["entry_hash"], entry_hash);
  }
  const recoveries = [...entries.values()].filter(({ action }) => action === "audit_recovery");
  const torn = recoveries.filter(({ context }) =>
    (context as { reason: string }).reason === "torn_tail"
  );
  assert(torn.length <= KILLS && recoveries.length <= 2 * KILLS);
  assert(acknowledged.length >= KILLS);
  await Deno.remove(root, { recursive: true });
});

Deno.test(`8 processes appending ${APPENDS} entries each leave one valid chain`, async () => {
  const root = await Deno.makeTempDir({ prefix: "audit_many_" });
  const writers = Array.from({ length: 8 }, () => startWriter(root, APPENDS));
  const outputs = await Promise.all(writers.map((writer) => writer.output()));
  const receipts = outputs.flatMap(({ stdout }) => receiptsOf(new TextDecoder().decode(stdout)));
  assertEquals(receipts.length, 8 * APPENDS);
  const sequences = receipts.map(({ sequence }) => sequence).sort((a, b) => a - b);
  assertEquals(sequences, Array.from({ length: 8 * APPENDS }, (_, i) => i + 1));
  assertEquals(await verify(root), []);
  await Deno.remove(root, { recursive: true });
});
