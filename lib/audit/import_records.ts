import { z } from "zod";
import { hasDoubtfulKeys } from "../policy/doubtful_keys.ts";
import type { AuditRecord } from "./entry.ts";

const Text = z.string().trim().min(1);

/** One line of a file to import; ids that are left out are those of the run. */
const ImportedRecord = z.strictObject({
  action: Text,
  actor: Text,
  source: Text.default("audit_log"),
  status: Text.default("ok"),
  context: z.record(z.string(), z.unknown()).default({}),
  correlation_id: z.string().optional(),
  release_candidate_id: z.string().optional(),
  run_id: z.string().optional(),
});

/** The records of a file with one JSON object a line, or the first line that is none. */
export function readRecords(
  text: string,
  correlation: AuditRecord["correlation"],
): { ok: true; records: AuditRecord[] } | { ok: false; reason: string } {
  const records: AuditRecord[] = [];
  for (const [at, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch (error) {
      return { ok: false, reason: `line ${at + 1}: ${(error as Error).message}` };
    }
    if (hasDoubtfulKeys(line, json)) {
      return { ok: false, reason: `line ${at + 1}: a key is written twice` };
    }
    const parsed = ImportedRecord.safeParse(json);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!;
      return { ok: false, reason: `line ${at + 1}: ${path.join(".") || "the record"}: ${message}` };
    }
    const { correlation_id, release_candidate_id, run_id, ...record } = parsed.data;
    const given = Object.entries({ correlation_id, release_candidate_id, run_id })
      .filter(([, id]) => id !== undefined);
    records.push({ ...record, correlation: { ...correlation, ...Object.fromEntries(given) } });
  }
  return records.length > 0 ? { ok: true, records } : { ok: false, reason: "it holds no records" };
}
