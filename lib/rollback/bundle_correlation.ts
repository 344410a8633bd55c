import { z } from "zod";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { newestEvidence } from "../report/evidence.ts";

/** The two ids that tie artifacts of one change together; empty where unknown. */
export interface CorrelationPair {
  correlation_id: string;
  release_candidate_id: string;
}

const Ids = z.looseObject({
  correlation_id: z.string().optional(),
  release_candidate_id: z.string().optional(),
});

/** Where reports of different kinds carry their ids. */
const Carrier = z.looseObject({
  correlation: Ids.optional(),
  incident: Ids.optional(),
  observed: z.looseObject({ last_event: Ids.optional() }).optional(),
});

/** The ids of a report: of `correlation`, else `incident`, else the last event observed. */
export function correlationOf(report: unknown): CorrelationPair {
  const parsed = Carrier.safeParse(report);
  const { correlation, incident, observed } = parsed.data ?? {};
  const ids = [correlation, incident, observed?.last_event]
    .find((each) =>
      (each?.correlation_id ?? "") !== "" || (each?.release_candidate_id ?? "") !== ""
    );
  const correlationId = ids?.correlation_id ?? "";
  const candidate = ids?.release_candidate_id ?? "";
  return {
    correlation_id: correlationId === "" ? candidate : correlationId,
    release_candidate_id: candidate === "" ? correlationId : candidate,
  };
}

/** The kinds of report whose ids must agree, by the name each has in the bundle's report. */
const KINDS = {
  rollout: "release_rollout_executor",
  alert_escalation: "alert_escalation",
  incident_report: "incident_report",
} as const;

/** The ids of the newest report of each kind. */
export async function bundleCorrelation(
  root: string,
  nowS: number,
): Promise<Record<keyof typeof KINDS, CorrelationPair>> {
  const pairs = await Promise.all(
    Object.entries(KINDS).map(async ([name, kind]) => {
      const { value } = await newestEvidence(root, { kind, nowS });
      return [name, correlationOf(value)] as const;
    }),
  );
  return Object.fromEntries(pairs) as Record<keyof typeof KINDS, CorrelationPair>;
}

/** One row for each id: all reports that name one name the same. */
export function correlationChecks(
  pairs: Record<string, CorrelationPair>,
  gate: Mode,
): Check[] {
  return (["correlation_id", "release_candidate_id"] as const).map((id) => {
    const named = Object.values(pairs).map((pair) => pair[id]).filter((value) => value !== "");
    const distinct = [...new Set(named)];
    const expect = "one id in all reports that name one";
    if (named.length < 2) {
      const reason = `${named.length} of ${Object.keys(pairs).length} reports name one`;
      return notApplicable(`${id}_consistent`, expect, reason);
    }
    return {
      id: `${id}_consistent`,
      ok: distinct.length === 1,
      mode: gate,
      value: distinct,
      expect,
      hint: "run the stages of one change with the same WA_RELEASE_CORRELATION_ID",
    };
  });
}
