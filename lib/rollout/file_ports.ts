import { join } from "@std/path/join";
import { appendAudit, type AppendReceipt } from "../audit/append.ts";
import { visitLines } from "../audit/log_lines.ts";
import { auditPaths } from "../audit/paths.ts";
import { type Channels, readChannelsWithDigest } from "./channels.ts";
import type { AuditPort, AuditRecord, RegistryPort } from "./rollout_ports.ts";
import { updateChannels } from "./update_channels.ts";

/** Name of the executor in audit log and locks. */
const SOURCE = "release_rollout_executor";

/** One executor at a time in a root; held from before recovery until after the last mark. */
export function executorLock(root: string): string {
  return join(root, ".data", "locks", "release_rollout_executor.lock");
}

/** The registry as a file, changed only under its lock. */
export function fileRegistry(
  root: string,
  path: string,
  { nowS, waitMs }: { nowS: () => number; waitMs: number },
): RegistryPort {
  return {
    read: () => readChannelsWithDigest(path),
    async commit({ revision, sha256 }, change): Promise<Channels> {
      const options = { expectRevision: revision, expectSha256: sha256, waitMs };
      const call = { ...options, purpose: SOURCE, nowS: nowS() };
      return (await updateChannels(root, path, call, change)).after;
    },
  };
}

/** Where and under which run the audit log is written. */
export interface AuditTarget {
  log: string;
  stateFile: string;
  runId: string;
  waitMs: number;
  onReceipt(receipt: AppendReceipt): void;
}

/** The audit log as a file. */
export function fileAudit(root: string, target: AuditTarget): AuditPort {
  const { log, stateFile, runId, waitMs, onReceipt } = target;
  return {
    async has(intentId, actions): Promise<boolean> {
      let found = false;
      const decoder = new TextDecoder();
      const path = auditPaths(root, { log, stateFile }).log;
      const visit = (line: Uint8Array): boolean => {
        const text = decoder.decode(line);
        if (text.includes(intentId)) found = isAbout(text, intentId, actions);
        return !found;
      };
      try {
        await visitLines(path, 0, visit);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
      return found;
    },
    async append({ correlation, ...record }: AuditRecord): Promise<string> {
      const entry = { ...record, source: SOURCE, correlation: { ...correlation, run_id: runId } };
      const [receipt] = await appendAudit(root, entry, { log, stateFile, waitMs });
      if (receipt === undefined) return "";
      onReceipt(receipt);
      return receipt.entry_hash;
    },
  };
}

function isAbout(line: string, intentId: string, actions: readonly string[]): boolean {
  const entry = JSON.parse(line) as { action?: unknown; context?: { intent_id?: unknown } };
  return entry.context?.intent_id === intentId && actions.includes(String(entry.action));
}

/** No record is kept; only on explicit request. */
export const NO_AUDIT: AuditPort = {
  has: () => Promise.resolve(false),
  append: () => Promise.resolve(""),
};
