import { git } from "../project/git.ts";

/** Where a `WA_*` name proves nothing: documents describe, tests invent. */
const NOT_CODE = [
  "*.md",
  "*.markdown",
  "docs",
  "tests",
  "test",
  "**/tests/**",
  "**/*_test.*",
  "**/*.test.*",
  "security",
];

/**
 * `WA_*` names that tracked code and workflows mention, found by one `git grep`; none where git
 * cannot be asked or nothing matches.
 */
export async function mentionedNames(root: string): Promise<string[]> {
  const excluded = NOT_CODE.map((pattern) =>
    `:(exclude,glob)${pattern.includes("*") ? pattern.replace(/^\*\./, "**/*.") : `${pattern}/**`}`
  );
  const answer = await git(
    root,
    "grep",
    "-I",
    "-h",
    "-o",
    "-E",
    "--untracked",
    "WA_[A-Z0-9_]+[A-Z0-9]",
    "--",
    ".",
    ...excluded,
  );
  return answer.ok
    ? [...new Set(answer.text.split("\n").filter((name) => name !== ""))].sort()
    : [];
}
