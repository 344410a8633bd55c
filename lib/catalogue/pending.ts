import { STEPS } from "../preflight/registry.ts";

/** Id of the step that looks at the catalogue. */
const STEP_ID = "artifact_schema_catalog_guard";

/**
 * Artifacts whose producer runs after the catalogue is looked at, in the same preflight: those that
 * were named, else, inside a run, those of all later steps. The guard's own report is always one.
 */
export function pendingArtifacts(named: readonly string[], runId: string): string[] {
  if (named.length > 0) return [...new Set(named)].sort();
  if (runId === "") return [];
  const at = STEPS.findIndex(({ id }) => id === STEP_ID);
  const later = STEPS.slice(at < 0 ? 0 : at).map(({ kind }) => kind);
  return [...new Set([...later, STEP_ID])].sort();
}
