import type { Inputs } from "../command/inputs.ts";
import type { Check, Mode } from "../report/check.ts";
import { recentEvidence } from "../report/evidence.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import { type Incident, IncidentReport } from "./incident.ts";

/** What there is to tell of. */
export interface FoundIncident {
  /** Undefined when there is nothing to tell of. */
  incident: Incident | undefined;
  /** Of the report that was looked at, relative to root; empty when there is none. */
  path: string;
  checks: Check[];
}

/** Which incident is meant. */
export interface IncidentQuery {
  root: string;
  inputs: Inputs;
  /** Path of a report that was named. */
  file: string | undefined;
  maxAgeS: number;
  nowS: number;
  gate: Mode;
}

/** Reports looked at, newest first, for one that holds an incident. */
const MOST_REPORTS = 500;

const LOADED = "incident_report_loaded";

const incidentOf = (report: IncidentReport): Incident | undefined =>
  report.skipped === true ? undefined : report.incident as Incident;

async function named({ inputs }: IncidentQuery, file: string): Promise<FoundIncident> {
  const loaded = await inputs.json(file, IncidentReport);
  const incident = loaded.state === "ok" ? incidentOf(loaded.value) : undefined;
  return { incident, path: loaded.path, checks: [loadedCheck(LOADED, loaded, "enforce")] };
}

/**
 * The newest report that holds an incident: one that says there was no need for an incident does
 * not hide an earlier one, which may still be open. What was told before is not told again.
 */
async function newest(query: IncidentQuery): Promise<FoundIncident> {
  const { root, inputs, nowS, maxAgeS, gate } = query;
  const schema = IncidentReport;
  const search = { kind: "incident_report", schema, nowS, maxAgeS };
  const reports = await recentEvidence(root, search, MOST_REPORTS);
  const check = (ok: boolean, mode: Mode, value: unknown, hint: string): Check => ({
    id: LOADED,
    ok,
    mode,
    value,
    expect: "an incident report",
    hint,
  });
  const [first] = reports;
  if (first === undefined) {
    const hint = "make one, or name one with --incident-report";
    return { incident: undefined, path: "", checks: [check(false, gate, "there is none", hint)] };
  }
  for (const { state, path = "", sha256, value, reasons } of reports) {
    inputs.note(path, state === "malformed" ? "malformed" : "ok", sha256);
    if (value === undefined || state === "future") {
      const broken = check(false, "enforce", { path, reasons }, `remove or mend ${path}`);
      return { incident: undefined, path, checks: [broken] };
    }
    const incident = incidentOf(value);
    if (incident === undefined) continue;
    const fresh = state !== "stale";
    const age: Check = {
      id: "incident_report_fresh",
      ok: fresh,
      mode: gate,
      value: fresh ? "recent" : reasons,
      expect: `<= ${maxAgeS} s old`,
      hint: "name it with --incident-report, if it is to be told of nonetheless",
    };
    const loaded = check(true, gate, path, "");
    return { incident: fresh ? incident : undefined, path, checks: [loaded, age] };
  }
  return {
    incident: undefined,
    path: first.path ?? "",
    checks: [check(true, gate, `${reports.length} reports, none with an incident`, "")],
  };
}

/** Finds the incident to tell of: the one that was named, else the newest. */
export async function findIncident(query: IncidentQuery): Promise<FoundIncident> {
  return query.file === undefined ? await newest(query) : await named(query, query.file);
}
