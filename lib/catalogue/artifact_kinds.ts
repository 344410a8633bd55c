import type { ArtifactKind } from "./artifact_kind.ts";
import { CAPACITY_ARTIFACTS } from "./capacity_artifacts.ts";
import { GOVERNANCE_ARTIFACTS } from "./governance_artifacts.ts";
import { RELEASE_ARTIFACTS } from "./release_artifacts.ts";

/**
 * Every artifact: those the user's document says are uploaded, and those this toolkit adds.
 *
 * Whether one is produced or planned is not written here: it follows from its script being there.
 */
export const ARTIFACT_KINDS: readonly ArtifactKind[] = [
  ...RELEASE_ARTIFACTS,
  ...GOVERNANCE_ARTIFACTS,
  ...CAPACITY_ARTIFACTS,
];
