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

/** Reading must not fetch: the program that a fetch talks to is named by the repository. */
const OFFLINE = { GIT_ALLOW_PROTOCOL: "none", GIT_NO_LAZY_FETCH: "1" };

/** What a git command printed, or why it could not be asked. */
export type GitAnswer = { ok: true; text: string } | { ok: false; reason: string };

/**
 * Runs one read-only git command in `root`; needs `--allow-run=git`. Commands that compare file
 * contents go through {@linkcode gitCompare}.
 */
export async function git(root: string, ...args: string[]): Promise<GitAnswer> {
  try {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: [...SAFE, ...args],
      cwd: root,
      env: OFFLINE,
      stdin: "null",
    }).output();
    if (success) return { ok: true, text: new TextDecoder().decode(stdout) };
    const [reason = ""] = new TextDecoder().decode(stderr).trim().split("\n");
    return { ok: false, reason: reason || "git failed without a message" };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}

/** Whether the repository's own configuration plainly names no filter, nor where else to look. */
function plainlyUnfiltered(root: string): boolean {
  try {
    return !/filter|include|worktreeconfig/i.test(Deno.readTextFileSync(`${root}/.git/config`));
  } catch {
    return false; // a linked work tree, a folder below the top, or no repository: git will tell
  }
}

/**
 * Options that switch off the content filters (`filter.<name>.clean`, `.process`) that the
 * repository configures for itself. Filters of the operator's own configuration stay.
 */
async function filtersOff(root: string): Promise<string[]> {
  if (plainlyUnfiltered(root)) return [];
  const answer = await git(
    root,
    ...["config", "-z", "--includes", "--show-scope", "--name-only"],
    ...["--get-regexp", "^filter\\..*\\.(clean|process|required)$"],
  );
  if (!answer.ok) return []; // git answers so when there are none
  const fields = answer.text.split("\0");
  return fields.flatMap((key, at) =>
    at % 2 === 1 && ["local", "worktree"].includes(fields[at - 1]!)
      ? ["-c", `${key}=${key.endsWith(".required") ? "false" : ""}`]
      : []
  );
}

/** Runs one git command that compares the contents of files; see {@linkcode git}. */
export async function gitCompare(root: string, ...args: string[]): Promise<GitAnswer> {
  return await git(root, ...await filtersOff(root), ...args);
}

/**
 * Commit, branch and cleanliness in one call (`git status --porcelain=v2 --branch`). What counts as
 * clean is said here, not by the repository's configuration.
 */
export async function gitFacts(root: string): Promise<GitFacts> {
  const answer = await gitCompare(
    root,
    ...["status", "--porcelain=v2", "--branch"],
    ...["--untracked-files=normal", "--ignore-submodules=none"],
  );
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
