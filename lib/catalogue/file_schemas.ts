/**
 * Artifacts that are no reports.
 *
 * @module
 */
import { z } from "zod";
import { Correlation } from "../report/report.ts";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const BoundFile = z.object({ path: z.string(), sha256: Sha256 });

/** `release_preflight_seal_*.json`. */
export const PreflightSeal = z.object({
  schema_version: z.literal(1),
  kind: z.literal("release_preflight_seal"),
  ok: z.boolean(),
  generated_at: z.number().describe("Epoch seconds"),
  correlation: Correlation,
  preflight_report: BoundFile,
  manifest: BoundFile,
});

/** A line of the audit log; version 1 is what older logs begin with. */
export const AuditEntry = z.object({
  schema_version: z.union([z.literal(1), z.literal(2)]),
  seq: z.int().min(1).describe("Number of the entry"),
  ts: z.number().describe("Epoch seconds"),
  action: z.string().min(1),
  actor: z.string().min(1),
  source: z.string().min(1).describe("The script that wrote it"),
  status: z.string().min(1),
  context: z.record(z.string(), z.unknown()),
  correlation_id: z.string().optional(),
  release_candidate_id: z.string().optional(),
  run_id: z.string().optional(),
  clock_skew_ms: z.int().positive().optional().describe("How far the clock was behind"),
  prev_hash: Sha256.or(z.literal("")).describe("entry_hash of the entry before"),
  entry_hash: Sha256,
});
