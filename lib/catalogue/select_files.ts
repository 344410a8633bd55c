import type { ArtifactFile } from "./find_artifacts.ts";

/** The candidate a file names; empty where it names none. */
function candidateOf({ value }: ArtifactFile): string {
  const { correlation } = (value ?? {}) as { correlation?: { release_candidate_id?: unknown } };
  const id = correlation?.release_candidate_id;
  return typeof id === "string" ? id : "";
}

/**
 * The files that are judged: the newest, and every other one that is young enough and not of
 * another candidate.
 *
 * @param files All files of an artifact, newest first.
 * @param candidate The candidate under release; empty: any.
 */
export function selectFiles(
  files: readonly ArtifactFile[],
  { nowS, maxAgeS, candidate }: { nowS: number; maxAgeS: number; candidate: string },
): ArtifactFile[] {
  return files.filter((file, at) => {
    if (at === 0) return true;
    if (nowS - file.timeS > maxAgeS) return false;
    const own = candidateOf(file);
    return candidate === "" || own === "" || own === candidate;
  });
}
