import { z } from "zod";

/** The `$schema` line of a policy file, by which editors complete and check it. */
export const SchemaKey = {
  $schema: z.string().optional().describe("JSON Schema of this file, for editors"),
};

/** A path in the governed repository: relative, with `/`, never upwards. */
export const RepoPath = z.string().min(1).refine(
  (path) =>
    !path.startsWith("/") && !/^[A-Za-z]:/.test(path) && !path.split(/[\\/]/).includes(".."),
  { error: "expected a path inside the repository, relative and without .." },
);
