import { z } from "zod";
import { Severity } from "../policy/incident_routing.ts";

/** An incident as its report holds it; fields beyond these go out as they are. */
export const Incident = z.looseObject({
  incident_id: z.string().min(1).max(200),
  title: z.string().default(""),
  severity: Severity,
  escalation_level: z.string().default("none"),
  status: z.string().default("open"),
  owner: z.string().default(""),
  scope: z.string().default(""),
  correlation_id: z.string().optional(),
  release_candidate_id: z.string().optional(),
  drill: z.boolean().default(false).describe("Nothing has happened: somebody rehearses"),
});
export type Incident = z.output<typeof Incident>;

/** What is needed of an `incident_report_*.json`: the incident, or that there was no need of one. */
export const IncidentReport = z.looseObject({
  skipped: z.literal(false).default(false),
  incident: Incident,
}).or(z.looseObject({ skipped: z.literal(true) }));
export type IncidentReport = z.output<typeof IncidentReport>;

/** Whether somebody must be told even under `--only-when-escalated`. */
export function isEscalated({ escalation_level }: Incident): boolean {
  return !["", "none"].includes(escalation_level.trim().toLowerCase());
}
