import { describeFault } from "../audit/judge_chain.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import type { AuditTrace } from "./audit_trace.ts";
import type { Family, FamilyArtifact, IdName } from "./family.ts";
import { IDS } from "./family.ts";
import type { RunEvidence } from "./run_evidence.ts";
import { type Witness, witnesses, type WitnessSources } from "./witnesses.ts";

/** Fewest independent origins whose agreement says anything. */
const FEWEST_ORIGINS = 2;

/** Most places that a row lists for one value. */
const MOST_PLACES = 5;

function byValue(found: readonly Witness[]): Record<string, string[]> {
  const places: Record<string, string[]> = {};
  for (const { value, place } of found) (places[value] ??= []).push(place);
  return Object.fromEntries(
    Object.entries(places).map(([value, list]) => [
      value,
      list.length > MOST_PLACES
        ? [...list.slice(0, MOST_PLACES), `and ${list.length - MOST_PLACES} more`]
        : list,
    ]),
  );
}

function agreementRows(id: IdName, sources: WitnessSources, gate: Mode): Check[] {
  const found = witnesses(id, sources);
  const consistent = `${id}_consistent`;
  const independent = `${id}_independent`;
  const expect = "one value, whoever is asked";
  const fewest = `>= ${FEWEST_ORIGINS} independent origins that state it`;
  const values = new Set(found.map(({ value }) => value));
  const origins = [...new Set(found.map(({ origin }) => origin))].sort();
  return [
    found.length === 0 ? notApplicable(consistent, expect, `nobody was given a ${id}`) : {
      id: consistent,
      ok: values.size === 1,
      mode: gate,
      value: byValue(found),
      expect,
      hint: "find out which of these belongs to another release, and run its writer again",
    },
    {
      id: independent,
      ok: origins.length >= FEWEST_ORIGINS,
      mode: gate,
      value: { origins, statements: found.length },
      expect: fewest,
      hint:
        "give the id to every script of the release, with the audit log on: one that was copied proves nothing",
    },
  ];
}

function examinedOf(families: readonly Family[]): FamilyArtifact[] {
  return families.flatMap((family) => family.state === "examined" ? [family.artifact] : []);
}

/** Whether the artifacts are of one run, which is this one where this one has an id. */
function runRow(
  families: readonly Family[],
  ownRunId: string,
  maxSpreadS: number,
  gate: Mode,
): Check {
  const artifacts = examinedOf(families);
  const id = "same_run_window";
  const expect = `artifacts of one run, within ${maxSpreadS} s`;
  if (artifacts.length === 0 || (artifacts.length === 1 && ownRunId === "")) {
    return notApplicable(id, expect, `${artifacts.length} artifacts and no run to compare`);
  }
  const runs = new Set([ownRunId, ...artifacts.map(({ runId }) => runId)].filter((r) => r !== ""));
  const foreign = ownRunId !== "" && artifacts.some(({ runId }) => runId !== ownRunId);
  const times = artifacts.map(({ madeAtS }) => madeAtS);
  const spreadS = Math.round(Math.max(...times) - Math.min(...times));
  return {
    id,
    ok: runs.size <= 1 && !foreign && spreadS <= maxSpreadS,
    mode: gate,
    value: { run_ids: [...runs].sort(), spread_s: spreadS },
    expect,
    hint:
      "make the artifacts in one run of preflight, or name them with --rollout-report and so on",
  };
}

/** Whether the rollout is on record under the ids that its artifact states. */
function auditRow(trace: AuditTrace, rollout: FamilyArtifact | undefined, gate: Mode): Check {
  const id = "rollout_recorded_in_audit_log";
  const expect = "an entry of the executor with the ids of its artifact";
  const location = { file: trace.log };
  if (trace.fault !== undefined) {
    const hint = "deno task verify_audit_chain --strict";
    const value = describeFault(trace.fault);
    return { id, ok: false, mode: "enforce", value, expect, hint, location };
  }
  if (rollout === undefined) return notApplicable(id, expect, "there is no rollout artifact");
  if (trace.rollout === undefined) {
    const value = `none of ${trace.entryCount} entries`;
    const hint = "run the executor again without --skip-audit-log";
    return { id, ok: false, mode: gate, value, expect, hint, location };
  }
  const { entry, proof } = trace.rollout;
  const value = {
    sequence: entry.seq,
    entry_hash: entry.entry_hash,
    inclusion_proof: { size: proof.size, root: proof.root, proof: proof.proof },
  };
  return { id, ok: true, mode: gate, value, expect, location };
}

/** Whether every other report of the run says the same. */
function runEvidenceRow(run: RunEvidence | undefined): Check {
  const id = "run_reports_readable";
  const expect = "every report of this run is well formed";
  if (run === undefined) return notApplicable(id, expect, "this is not part of a run");
  const examined = run.reports.length + run.malformed.length;
  if (examined === 0) return notApplicable(id, expect, "the run has left no report yet");
  return {
    id,
    ok: run.malformed.length === 0,
    mode: "enforce",
    value: { examined, malformed: run.malformed },
    expect,
    hint: `run what wrote ${run.malformed[0] ?? "it"} again`,
  };
}

/** The rows about all artifacts together, each id compared over everybody who states it. */
export function judgeAgreement(
  sources: WitnessSources,
  { gate, maxSpreadS }: { gate: Mode; maxSpreadS: number },
): Check[] {
  const { families, trace, run, environment } = sources;
  const rollout = families.find((family) => family.name === "rollout");
  const artifact = rollout?.state === "examined" ? rollout.artifact : undefined;
  return [
    ...(examinedOf(families).length === 0
      ? IDS.map((id) => notApplicable(`${id}_consistent`, "one value", "no artifact to examine"))
      : IDS.flatMap((id) => agreementRows(id, sources, gate))),
    runRow(families, environment.run_id, maxSpreadS, gate),
    auditRow(trace, artifact, gate),
    runEvidenceRow(run),
  ];
}
