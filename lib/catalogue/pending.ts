import { STEPS } from "../preflight/registry.ts";

/** Id of the step that looks at the catalogue. */
const STEP_ID = "artifact_schema_catalog_guard";

/** What preflight itself writes, after its last step. */
const AFTER_ALL = ["release_preflight", "release_preflight_seal"];

/**
 * Artifacts whose producer runs after the catalogue is looked at: those that were named and, inside
 * a run of preflight, those of all later steps, the guard's own report, and preflight's.
 */
export function pendingArtifacts(named: readonly string[], runId: string): string[] {
  const at = STEPS.findIndex(({ id }) => id === STEP_ID);
  const later = STEPS.slice(Math.max(0, at)).map(({ kind }) => kind);
  const derived = runId === "" ? [] : [...later, STEP_ID, ...AFTER_ALL];
  return [...new Set([...named, ...derived])].sort();
}
