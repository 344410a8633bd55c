import { relative } from "@std/path/relative";
import { walk } from "@std/fs/walk";
import { git } from "../project/git.ts";

/** The files a repository consists of, and who said so. */
export interface TrackedFiles {
  /** Relative to root, `/` separators, sorted. */
  files: string[];
  source: "git" | "walk";
}

/** Folders no repository tracks; skipped where git cannot be asked. */
const NEVER = /(?:^|[\\/])(?:\.git|node_modules|\.data|\.venv|__pycache__)$/;

/**
 * Lists the files of a repository: tracked by git, or new and not ignored, so that an ignored local
 * file never makes a document true. Without git, all files below root.
 */
export async function trackedFiles(root: string): Promise<TrackedFiles> {
  const listed = await git(
    root,
    ...["ls-files", "-z", "-t", "--cached", "--others", "--deleted", "--exclude-standard"],
  );
  if (listed.ok) {
    const rows = listed.text.split("\0").map((row) => [row.slice(0, 1), row.slice(2)] as const);
    const gone = new Set(rows.filter(([tag]) => tag === "R").map(([, file]) => file));
    const files = new Set(rows.map(([, file]) => file).filter((file) => !gone.has(file)));
    files.delete("");
    return { files: [...files].sort(), source: "git" };
  }
  const files: string[] = [];
  for await (const entry of walk(root, { includeDirs: false, skip: [NEVER] })) {
    files.push(relative(root, entry.path).replaceAll("\\", "/"));
  }
  return { files: files.sort(), source: "walk" };
}
