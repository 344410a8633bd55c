import { git } from "../project/git.ts";

/** Where a `WA_*` name proves nothing: documents describe, tests invent. */
const NOT_CODE = [
  "**/*.md",
  "**/*.markdown",
  "docs/**",
  "security/**",
  "tests/**",
  "test/**",
  "**/tests/**",
  "**/*_test.*",
  "**/*.test.*",
];

async function grep(root: string, pattern: string): Promise<string[]> {
  const excluded = NOT_CODE.map((glob) => `:(exclude,glob)${glob}`);
  const options = ["-I", "-h", "-o", "-E", "--untracked"];
  const answer = await git(root, "grep", ...options, pattern, "--", ".", ...excluded);
  return answer.ok
    ? [...new Set(answer.text.split("\n").filter((name) => name !== ""))].sort()
    : [];
}

/**
 * `WA_*` names that tracked code and workflows mention, found by one `git grep`; none where git
 * cannot be asked or nothing matches.
 */
export async function mentionedVariables(root: string): Promise<string[]> {
  return await grep(root, "WA_[A-Z0-9_]+[A-Z0-9]");
}

/** Names in snake_case that tracked code has in quotes: kinds of artifacts that no flag declares. */
export async function quotedNames(root: string): Promise<string[]> {
  const names = await grep(root, "[\"'`][a-z][a-z0-9]*(_[a-z0-9]+)+[\"'`]");
  return names.map((name) => name.slice(1, -1));
}
