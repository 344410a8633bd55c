import { STEPS } from "../preflight/registry.ts";
import type { ArtifactKind } from "./artifact_kind.ts";
import { ARTIFACT_KINDS } from "./artifact_kinds.ts";

/**
 * Every artifact that is known: the declared ones, and the reports of steps that nobody declared,
 * which keep to the envelope as every report does.
 */
export function knownArtifacts(): ArtifactKind[] {
  const declared = new Set(ARTIFACT_KINDS.map(({ id }) => id));
  const undeclared = STEPS.filter(({ kind }) => !declared.has(kind));
  return [
    ...ARTIFACT_KINDS,
    ...undeclared.map(({ kind, script, why }) => ({ id: kind, about: why, producer: script })),
  ];
}
