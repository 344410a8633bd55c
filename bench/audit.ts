#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write --allow-run=deno
/**
 * Verification of a long audit log against one streaming SHA-256 over the same file, in one
 * process, medians of interleaved rounds; then a second look after one more entry.
 *
 * Usage: `deno task bench:audit [ENTRIES] [ROUNDS]`, by default 100 000 and 5.
 * @module
 */
import { join } from "@std/path/join";
import { appendAudit } from "../lib/audit/append.ts";
import { ChainHead } from "../lib/audit/chain.ts";
import { type AuditRecord, composeLine } from "../lib/audit/entry.ts";
import { concat } from "../lib/audit/keys.ts";
import { AUDIT_LOG, AUDIT_STATE, auditPaths } from "../lib/audit/paths.ts";
import { readPosition, writePosition } from "../lib/audit/position.ts";
import { describeState, readState, writeState } from "../lib/audit/state.ts";
import { verifyLog } from "../lib/audit/verify.ts";
import { sha256File } from "../lib/store/digest.ts";

const say = (line: string): unknown => Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));

function record(n: number): AuditRecord {
  return {
    action: "release_rollout_execute",
    actor: "release-bot",
    source: "release_rollout_executor",
    status: "ok",
    context: {
      apply_applied: true,
      apply_blocked: false,
      dry_run: false,
      plan_action: "promote_canary",
      report_ok: true,
      strict: true,
      target_version: `1.${n % 97}.${n}`,
    },
    correlation: {
      correlation_id: `gha-${n}-1`,
      release_candidate_id: "rc-main-0123456789ab",
      run_id: `run-${n}`,
    },
  };
}

/** Writes a log as the same number of appends would have left it. */
async function makeLog(root: string, entries: number): Promise<void> {
  await Deno.mkdir(join(root, ".data/audit"), { recursive: true });
  const head = new ChainHead();
  using file = await Deno.open(join(root, AUDIT_LOG), { write: true, createNew: true });
  const parts: Uint8Array[] = [];
  for (let n = 1; n <= entries; n++) {
    const { lastHash } = head.at;
    const place = { seq: n, prevHash: lastHash, ts: 1_771_718_400 + n / 8, clockSkewMs: 0 };
    const line = composeLine(record(n), place);
    head.accept(line);
    parts.push(line, Uint8Array.of(10));
    if (n % 1_000 === 0 || n === entries) {
      const bytes = concat(...parts.splice(0));
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    }
  }
  const state = describeState(head, { logPath: AUDIT_LOG, now: 1_771_718_400_000 });
  await writeState(join(root, AUDIT_STATE), state);
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Measures in a process that did not make the log, so that its memory is that of verifying. */
async function measure(root: string, rounds: number): Promise<void> {
  const log = join(root, AUDIT_LOG);
  const paths = auditPaths(root);
  const full = async () => {
    const found = await verifyLog(log, { stateFile: await readState(paths.state) });
    if (found.faults.length > 0) throw new Error(JSON.stringify(found.faults));
    return found;
  };
  const hashing: number[] = [], verifying: number[] = [];
  let entries = 0;
  for (let round = 0; round < rounds; round++) {
    hashing.push((await timed(() => sha256File(log))).ms);
    const { ms, value } = await timed(full);
    verifying.push(ms);
    entries = value.examined;
    await writePosition(root, paths, value.head, 0);
  }
  await appendAudit(root, record(0));
  const again = await timed(async () => {
    const stateFile = await readState(paths.state);
    return await verifyLog(log, { stateFile }, await readPosition(root, paths));
  });
  const ratio = median(verifying) / median(hashing);
  const rss = Math.round(Deno.memoryUsage().rss / 2 ** 20);
  say(`entries                 ${entries}, ${(await Deno.stat(log)).size} bytes`);
  say(`streaming SHA-256       ${median(hashing).toFixed(0)} ms`);
  say(`full verification       ${median(verifying).toFixed(0)} ms, ${ratio.toFixed(1)} x`);
  say(`resident memory         ${rss} MiB`);
  say(`after one more append   ${again.ms.toFixed(1)} ms, ${again.value.examined} entry read`);
}

const [first = "100000", second = "5"] = Deno.args;
if (first === "--measure") await measure(second, Number(Deno.args[2]));
else {
  const root = await Deno.makeTempDir({ prefix: "bench_audit_" });
  try {
    await makeLog(root, Number(first));
    const child = new Deno.Command("deno", {
      args: [
        ...["run", "--no-prompt", "--allow-read", `--allow-write=${root}`],
        ...[new URL(import.meta.url).pathname, "--measure", root, second],
      ],
    });
    await child.spawn().status;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
