import type { GitFacts } from "./git.ts";

/**
 * The id of a release candidate: an explicit one wins; else `rc-<version>-<12 of the commit>`, with
 * `-dirty` where the working tree is not exactly that commit, so that the evidence of a modified
 * tree is never bound to the commit's own candidate.
 *
 * Without a commit the start time takes its place, and the id cannot be derived again.
 */
export function candidateId(
  { explicit, version, git, nowS }: {
    explicit: string | undefined;
    version: string;
    git: GitFacts;
    nowS: number;
  },
): string {
  if (explicit !== undefined && explicit !== "") return explicit;
  const name = `rc-${version === "" ? "unknown" : version}`;
  if (git.commit === "") return `${name}-${Math.floor(nowS)}`;
  return `${name}-${git.commit.slice(0, 12)}${git.dirty === false ? "" : "-dirty"}`;
}

/** What a candidate id may look like: it becomes a file name. */
export const CANDIDATE_ID = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/;
