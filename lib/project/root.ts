import { dirname } from "@std/path/dirname";

/** Files that mark a folder as a project, whatever its language. */
export const PROJECT_FILES = [
  "deno.json",
  "deno.jsonc",
  "package.json",
  "jsr.json",
  "pyproject.toml",
  "Cargo.toml",
  "VERSION",
  ".git",
] as const;

function has(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}

/** Whether a folder is a governed root: it has `security/` and a project file. */
function isRoot(folder: string): boolean {
  return has(`${folder}/security`) && PROJECT_FILES.some((name) => has(`${folder}/${name}`));
}

/**
 * The nearest folder, from `start` upwards, that has `security/` and a project file or `.git`.
 * Undefined when there is none, or when looking further up is not permitted.
 *
 * Looks synchronously: a process that does one thing gains nothing from a thread pool.
 */
export function findRoot(start: string): string | undefined {
  for (let folder = start;; folder = dirname(folder)) {
    try {
      if (isRoot(folder)) return folder;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable && folder !== start) return undefined;
      throw error;
    }
    if (dirname(folder) === folder) return undefined;
  }
}
