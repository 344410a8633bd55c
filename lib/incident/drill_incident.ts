import { z } from "zod";
import { Incident } from "./incident.ts";

/** An `incident_report_drill_*.json`: the incident that a drill invented. */
export const DrillIncidentReport = z.looseObject({
  schema_version: z.literal(1),
  kind: z.string(),
  ok: z.literal(true),
  drill: z.literal(true),
  drill_id: z.string().describe("Of the drill; also in the incident's title"),
  ended_at: z.number().describe("Epoch seconds"),
  incident: Incident,
});
export type DrillIncidentReport = z.output<typeof DrillIncidentReport>;

/**
 * Invents an incident as grave as they come.
 *
 * @param nonce Text that is in no other drill; every channel must bring it.
 */
export function drillIncident(
  nonce: string,
  nowS: number,
  correlation: { correlation_id: string; release_candidate_id: string },
): DrillIncidentReport {
  return {
    schema_version: 1,
    kind: "incident_report_drill",
    ok: true,
    drill: true,
    drill_id: nonce,
    ended_at: nowS,
    incident: {
      incident_id: `INC-DRILL-${Math.floor(nowS)}-${nonce.slice(0, 8)}`,
      title: `Drill ${nonce}`,
      severity: "critical",
      escalation_level: "p1",
      status: "open",
      owner: "drill",
      scope: "drill, nothing has happened",
      triggered_by: ["drill"],
      ...correlation,
      drill: true,
    },
  };
}
