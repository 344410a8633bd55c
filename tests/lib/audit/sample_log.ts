import { ChainHead } from "../../../lib/audit/chain.ts";
import { type AuditRecord, composeLine } from "../../../lib/audit/entry.ts";
import { concat } from "../../../lib/audit/keys.ts";
import { leafHash } from "../../../lib/audit/merkle_tree.ts";
import { type AuditState, describeState } from "../../../lib/audit/state.ts";

/** A reproducible source of numbers from 0 up to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = a + 0x6d2b79f5 | 0;
    let t = Math.imul(a ^ a >>> 15, 1 | a);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

/** A record as an actor would report it. */
export function sampleRecord(n: number, note = "", random = seeded(n)): AuditRecord {
  const actions = ["release_channel_promote", "release_rollout_execute", "incident_notify"];
  return {
    action: actions[Math.floor(random() * actions.length)]!,
    actor: random() < 0.5 ? "release-bot" : "María Núñez",
    source: "release_channel_control",
    status: random() < 0.9 ? "ok" : "failed",
    context: {
      n,
      note,
      to_version: `1.${n}.0`,
      ratio: Math.round(random() * 1000) / 1000,
      ...(n % 10 === 3 ? { "😀": [n] } : { stages: [1, 10, { percent: null }] }),
    },
    correlation: {
      correlation_id: `gha-${n}-1`,
      release_candidate_id: "rc-main-0123456789ab",
      run_id: `run-${n}`,
    },
  };
}

/** A log in memory. */
export interface SampleLog {
  /** Lines without their ends. */
  lines: Uint8Array<ArrayBuffer>[];
  state: AuditState;
  /** Leaf hashes, one after the other. */
  leaves: Uint8Array<ArrayBuffer>;
}

/** Where the sample log claims to be. */
export const LOG_NAME = "audit.ndjson";

/** Continues `begin` by entries for these records, as an append would have written them. */
export function sampleLog(
  records: AuditRecord[],
  begin: Uint8Array<ArrayBuffer>[] = [],
  logPath = LOG_NAME,
): SampleLog {
  const head = new ChainHead();
  const lines: Uint8Array<ArrayBuffer>[] = [];
  const take = (line: Uint8Array<ArrayBuffer>) => {
    const fault = head.accept(line);
    if (fault !== undefined) throw new Error(`Cannot make a sample log: ${fault.detail}`);
    lines.push(line);
  };
  begin.forEach(take);
  for (const record of records) {
    const { entries, lastHash } = head.at;
    const ts = 1_771_718_400 + entries;
    take(composeLine(record, { seq: entries + 1, prevHash: lastHash, ts, clockSkewMs: 0 }));
  }
  return {
    lines,
    state: describeState(head, { logPath, now: 1_771_718_400_000 }),
    leaves: concat(...lines.map(leafHash)),
  };
}

/** The bytes of a log. */
export function joinLines(lines: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat(...lines.flatMap((line) => [line, Uint8Array.of(10)]));
}
