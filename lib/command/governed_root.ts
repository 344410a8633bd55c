import { findRoot } from "../project/root.ts";
import type { Argv } from "./argv.ts";
import { UsageError } from "./errors.ts";

/** Finds the governed root: `--root`, else the nearest one upwards from the working directory. */
export function governedRoot(argv: Argv): string {
  const given = argv.given.get("root")?.at(-1);
  try {
    if (given !== undefined) {
      const root = Deno.realPathSync(given);
      if (Deno.statSync(root).isDirectory) return root;
      throw new UsageError(`--root is "${given}", which is not a folder`);
    }
    const found = findRoot(Deno.cwd());
    if (found !== undefined) return found;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`--root is "${given}", which does not exist`);
    }
    if (error instanceof Deno.errors.NotCapable && given !== undefined) {
      throw new UsageError(
        `Cannot look at --root "${given}": the script may read below the working directory only`,
        `run it from there: cd ${given}`,
        { cause: error },
      );
    }
    throw error;
  }
  throw new UsageError(
    "Cannot find the repository to govern: no folder from here upwards has security/ and a project file",
    "run it inside the repository, or name it with --root DIR",
  );
}
