/** Where the governed repository stands. */
export interface GitFacts {
  available: boolean;
  /** Full commit id; empty before the first commit or outside git. */
  commit: string;
  /** Empty when detached. */
  branch: string;
  /** Whether anything differs from the commit; null where git could not tell. */
  dirty: boolean | null;
  /** Why git is not available. */
  reason?: string;
}

/**
 * Options that keep a governed repository from running programs or taking locks through git: a
 * repository's own configuration is not trusted.
 */
const SAFE = [
  "--no-optional-locks",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "core.hooksPath=/dev/null",
];

/** What a git command printed, or why it could not be asked. */
export type GitAnswer = { ok: true; text: string } | { ok: false; reason: string };

/** Runs one read-only git command in `root`; needs `--allow-run=git`. */
export async function git(root: string, ...args: string[]): Promise<GitAnswer> {
  try {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: [...SAFE, ...args],
      cwd: root,
      stdin: "null",
    }).output();
    if (success) return { ok: true, text: new TextDecoder().decode(stdout) };
    const [reason = ""] = new TextDecoder().decode(stderr).trim().split("\n");
    return { ok: false, reason: reason || "git failed without a message" };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}

/** Commit, branch and cleanliness in one call (`git status --porcelain=v2 --branch`). */
export async function gitFacts(root: string): Promise<GitFacts> {
  const answer = await git(root, "status", "--porcelain=v2", "--branch");
  if (!answer.ok) {
    return { available: false, commit: "", branch: "", dirty: null, reason: answer.reason };
  }
  const facts: GitFacts = { available: true, commit: "", branch: "", dirty: false };
  for (const line of answer.text.split("\n")) {
    if (line.startsWith("# branch.oid ")) facts.commit = line.slice(13).replace("(initial)", "");
    else if (line.startsWith("# branch.head ")) {
      facts.branch = line.slice(14).replace("(detached)", "");
    } else if (line !== "" && !line.startsWith("#")) facts.dirty = true;
  }
  return facts;
}
