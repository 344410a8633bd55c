/**
 * Checkpoints kept outside the workspace, in git notes. A notes ref that is pushed to a server on
 * which it cannot be replaced is a place the writer of the log cannot change alone.
 *
 * @module
 */
import { git, type GitAnswer } from "../project/git.ts";
import type { CheckpointSource } from "./judge_checkpoints.ts";

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

/** The full name of a notes ref, as git itself completes a short one. */
function fullName(ref: string): string {
  if (ref.startsWith("refs/notes/")) return ref;
  return ref.startsWith("notes/") ? `refs/${ref}` : `refs/notes/${ref}`;
}

/** What git's own configuration could change about the lines that `git grep` prints. */
const PLAIN = ["--no-color", "--no-line-number", "--no-column", "--no-heading", "--no-break"];

/**
 * All checkpoints of a notes ref; none if there is no such ref.
 *
 * One git process prints every line of every note, each after the path of the note, which is the
 * id of its commit with or without slashes in it.
 */
export async function readGitAnchors(root: string, ref: string): Promise<CheckpointSource[]> {
  const every = ["grep", "-a", "-z", "-F", "--full-name", "--no-textconv", ...PLAIN, "-e", ""];
  const tree = fullName(ref);
  const answer = await git(root, ...every, tree, "--", ":/");
  if (!answer.ok) return [];
  const notes = new Map<string, string>();
  for (const row of answer.text.split("\n").slice(0, -1)) {
    const cut = row.indexOf("\0");
    const commit = row.slice(tree.length + 1, cut).replaceAll("/", "");
    notes.set(commit, `${notes.get(commit) ?? ""}${row.slice(cut + 1)}\n`);
  }
  return [...notes].map(([commit, note]) => ({ name: `note of ${commit.slice(0, 12)}`, note }));
}
