import { z } from "zod";
import { isSchemaVersion, isSemver } from "../project/semver.ts";
import { RepoPath, SchemaKey } from "./schema_key.ts";

const Version = z.string().refine(isSemver, { error: "expected a version by SemVer 2.0.0" });
const SchemaVersion = z.string().refine(isSchemaVersion, { error: "expected <number>.<number>" });

const VersionSource = z.strictObject({
  kind: z.enum([
    "deno",
    "jsr",
    "package_json",
    "pyproject",
    "cargo",
    "python_init",
    "version_file",
  ]),
  path: RepoPath,
  optional: z.boolean().optional().describe("A missing file is not an error"),
});

const StateSchemaSource = z.strictObject({
  path: RepoPath,
  pattern: z.string().optional().describe("Regular expression (RE2) with one group"),
  pointer: z.string().startsWith("/").optional().describe("JSON pointer, where the file is JSON"),
}).refine((source) => (source.pattern === undefined) !== (source.pointer === undefined), {
  error: "expected either pattern or pointer",
});

const StateSchema = z.strictObject({
  current: SchemaVersion.describe("Version of the persistent state that this code writes"),
  history: z.array(SchemaVersion).optional().describe("All versions ever released, oldest first"),
  planned_next: SchemaVersion.optional().describe("The version that will follow"),
  backward_read_compatible: z.array(SchemaVersion).min(1)
    .describe("Versions that this code reads; must contain current"),
  source: StateSchemaSource.optional().describe("Where the code states its schema version"),
  required_fields: z.array(z.string().min(1)).optional()
    .describe("Keys that every state document has"),
  preserve_on_rollback: z.array(z.string().min(1)).optional()
    .describe("Keys whose values a rollback must keep"),
});

const RuntimeFile = z.strictObject({
  path: RepoPath,
  kind: z.enum(["json_object", "json_array"]),
  required: z.boolean().default(false).describe("A missing file is a failure"),
  required_keys: z.array(z.string().min(1)).optional().describe("Keys a json_object must have"),
  max_bytes: z.int().positive().optional().describe("Largest size accepted, bytes"),
});

/** `security/release_policy.json`: what a release of this repository must agree with. */
export const ReleasePolicy = z.strictObject({
  ...SchemaKey,
  version: z.int().min(1).max(2).describe("Format of this file"),
  app_version: Version.describe("Version under release; changes in the same commit as the code's"),
  version_sources: z.array(VersionSource).min(1).optional()
    .describe("Files that state the version; found by their usual names when absent"),
  state_schema: StateSchema.optional().describe("Absent where the project keeps no state"),
  runtime_data: z.strictObject({ files: z.array(RuntimeFile) }).optional()
    .describe("Files that must survive an upgrade and a rollback"),
  manifest: z.strictObject({
    required: z.array(z.string().min(1)).default([]).describe(
      "Paths or globs that a release must have",
    ),
    optional: z.array(z.string().min(1)).default([]).describe(
      "Paths or globs recorded when present",
    ),
  }).optional(),
});
export type ReleasePolicy = z.output<typeof ReleasePolicy>;
