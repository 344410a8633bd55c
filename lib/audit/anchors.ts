/**
 * Checkpoints kept outside the workspace, in git notes. A notes ref that is pushed to a server on
 * which it cannot be replaced is a place the writer of the log cannot change alone.
 *
 * @module
 */
import { git, type GitAnswer } from "../project/git.ts";
import type { CheckpointSource } from "./judge_checkpoints.ts";

/** Notes that are read at most. */
const MOST_NOTES = 200;

/** Names of git notes that cannot be taken for an option. */
export const NOTES_REF = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** Git wants to know who writes a note; a machine without an identity gets one for this. */
async function identity(root: string): Promise<string[]> {
  const known = await git(root, "config", "user.email");
  return known.ok ? [] : ["-c", "user.name=audit log", "-c", "user.email=audit-log@localhost"];
}

/** Keeps a checkpoint as a note on the current commit, replacing an earlier one there. */
export async function writeGitAnchor(root: string, ref: string, note: string): Promise<GitAnswer> {
  const who = await identity(root);
  return await git(root, ...who, "notes", `--ref=${ref}`, "add", "-f", "-m", note, "HEAD");
}

/** All checkpoints of a notes ref; none if there is no such ref. */
export async function readGitAnchors(root: string, ref: string): Promise<CheckpointSource[]> {
  const listed = await git(root, "notes", `--ref=${ref}`, "list");
  if (!listed.ok) return [];
  const rows = listed.text.split("\n").filter((row) => row !== "").slice(0, MOST_NOTES);
  const notes = await Promise.all(rows.map(async (row) => {
    const [blob = "", commit = ""] = row.split(" ");
    const note = await git(root, "cat-file", "blob", blob);
    return { name: `note of ${commit.slice(0, 12)}`, note: note.ok ? note.text : "" };
  }));
  return notes;
}
