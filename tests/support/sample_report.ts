import { type Check, summarise } from "../../lib/report/check.ts";
import type { Report } from "../../lib/report/report.ts";

/** A report as the command core writes one, of these checks. */
export function sampleReport(checks: Check[], changes: Partial<Report> = {}): Report {
  const failed = checks.filter((check) => !check.ok);
  const ok = failed.every(({ mode }) => mode === "warn");
  return {
    schema_version: 1,
    kind: "sample_gate",
    ok,
    clean: failed.length === 0,
    exit_code: ok ? 0 : 2,
    headline: "a sample",
    started_at: 1_767_225_600,
    ended_at: 1_767_225_601,
    duration_s: 1,
    strict: false,
    correlation: { correlation_id: "", release_candidate_id: "", run_id: "" },
    git: { available: false, commit: "", branch: "", dirty: null },
    tool: { name: "sample_gate", version: "1.0.0", deno: "2.9.6" },
    inputs: [],
    settings: [],
    checks,
    summary: summarise(checks),
    next_actions: [],
    ...changes,
  };
}
