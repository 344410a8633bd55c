import type { EvidenceEnvelope } from "../report/evidence.ts";

/** The kinds of artifact that must belong together: what was rolled out, what rang, what was opened. */
export const FAMILIES = ["rollout", "alert", "incident"] as const;
export type FamilyName = (typeof FAMILIES)[number];

/** Artifact prefix of each family, also the `kind` inside its files. */
export const FAMILY_KIND: Readonly<Record<FamilyName, string>> = {
  rollout: "release_rollout_executor",
  alert: "alert_escalation",
  incident: "incident_report",
};

/** The ids that tie artifacts together. */
export const IDS = ["correlation_id", "release_candidate_id"] as const;
export type IdName = (typeof IDS)[number];

/**
 * Where an id of an artifact came from.
 * - `explicit`: given on the command line of whoever wrote it
 * - `environment`: in the environment of whoever wrote it
 * - `generated`: made up by the writer, because nobody gave one
 * - `mirrored`: the writer's other id, because only that was given
 * - `copied`: taken over from another artifact
 * - `absent`: there is none
 */
export type Origin =
  | "explicit"
  | "environment"
  | "generated"
  | "mirrored"
  | "copied"
  | "absent";

/** Whether ids of this origin say anything: one that was derived agrees with its source always. */
export function isStated(origin: Origin): boolean {
  return origin === "explicit" || origin === "environment";
}

/** One id of an artifact. */
export interface ArtifactId {
  value: string;
  origin: Origin;
}

/** The newest artifact of a family, or why there is none to examine. */
export type Family =
  | { name: FamilyName; state: "examined"; artifact: FamilyArtifact }
  | { name: FamilyName; state: "malformed"; path: string; reasons: string[] }
  | { name: FamilyName; state: "missing"; reason: string }
  | { name: FamilyName; state: "not_applicable"; reason: string };

/** An artifact with its ids. */
export interface FamilyArtifact {
  /** Relative to root. */
  path: string;
  report: EvidenceEnvelope;
  ids: Record<IdName, ArtifactId>;
  runId: string;
  /** When it was made, epoch seconds. */
  madeAtS: number;
}
