import type { RequiredReport } from "../policy/release_rollout_policy.ts";
import type { Check, Mode } from "../report/check.ts";
import type { Evidence, EvidenceQuery } from "../report/evidence.ts";

/** A gate with the report that was found for it; the report lists these. */
export interface GateEvidence {
  id: string;
  pattern: string;
  required: boolean;
  require_ok: boolean;
  report_path: string;
  report_exists: boolean;
  report_ok: boolean;
  report_sha256: string;
  age_s: number | null;
  max_age_s: number;
  state: string;
  passed: boolean;
}

/** Folder and kind that a pattern such as `.data/out/slo_guard_*.json` asks for. */
export function kindOf(pattern: string): { dir: string; kind: string } {
  const cut = pattern.lastIndexOf("/");
  const dir = cut < 0 ? "." : pattern.slice(0, cut);
  return { dir, kind: pattern.slice(cut + 1).replace(/_\*\.json$/, "") };
}

/** What the reports must belong to. */
export interface GateBinding {
  nowS: number;
  commit: string;
  releaseCandidateId: string;
  /** Whether warnings count as failures. */
  demandClean: boolean;
}

async function look(
  gate: RequiredReport,
  binding: GateBinding,
  find: (query: EvidenceQuery<unknown>) => Promise<Evidence<unknown>>,
): Promise<{ row: GateEvidence; reasons: string[] }> {
  const { dir, kind } = kindOf(gate.pattern);
  const found = await find({ kind, dir, maxAgeS: gate.max_age_s, ...binding });
  const accepted = found.state === "valid" || (found.state === "failed" && !gate.require_ok);
  return {
    row: {
      id: gate.id,
      pattern: gate.pattern,
      required: gate.required,
      require_ok: gate.require_ok,
      report_path: found.path ?? "",
      report_exists: found.path !== undefined,
      report_ok: found.value?.ok === true,
      report_sha256: found.sha256 ?? "",
      age_s: found.ageS ?? null,
      max_age_s: gate.max_age_s,
      state: found.state,
      passed: accepted,
    },
    reasons: found.reasons,
  };
}

/**
 * Looks up the reports an apply needs and judges each: by its own time, its own verdict, and whether
 * it is of this commit and candidate.
 *
 * @param modeOf Mode of a required gate; one that is not required only warns.
 */
export async function judgeGates(
  gates: readonly RequiredReport[],
  binding: GateBinding,
  mode: Mode,
  find: (query: EvidenceQuery<unknown>) => Promise<Evidence<unknown>>,
): Promise<{ checks: Check[]; evidence: GateEvidence[] }> {
  const looked = await Promise.all(gates.map((gate) => look(gate, binding, find)));
  const checks = looked.map(({ row, reasons }): Check => ({
    id: `gate::${row.id}`,
    ok: row.passed,
    mode: row.required ? mode : "warn",
    value: { state: row.state, reasons, report: row.report_path },
    expect: `a ${kindOf(row.pattern).kind} report that is valid and <= ${row.max_age_s} s old`,
    hint: `run deno task ${kindOf(row.pattern).kind}`,
    ...(row.report_path === "" ? {} : { location: { file: row.report_path } }),
  }));
  const listed: Check = {
    id: "gates_listed",
    ok: gates.length > 0,
    mode,
    value: gates.length,
    expect: ">= 1 required report",
    hint: "list reports in /gates/required_reports of security/release_rollout_policy.json",
  };
  return { checks: [listed, ...checks], evidence: looked.map(({ row }) => row) };
}
