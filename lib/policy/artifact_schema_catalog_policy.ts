import { z } from "zod";
import { RepoPath, SchemaKey } from "./schema_key.ts";

const FieldPath = z.string().regex(/^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/, {
  error: "expected a field, with dots into objects, such as summary.window_s",
});

const Entry = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_.-]*$/, { error: "expected lower-case words" })
    .describe("Name of the artifact; the heading of its section in the catalogue"),
  about: z.string().min(1).optional().describe("What it holds, in one sentence"),
  artifact_glob: RepoPath.describe("Where it is written; * stands for the time in its name"),
  kind: z.string().min(1).optional()
    .describe("Value of kind inside the file, where it is not the id"),
  format: z.enum(["json", "ndjson", "markdown", "other"]).default("json")
    .describe("How it is read; other is not looked into"),
  status: z.enum(["produced", "planned"]).default("produced")
    .describe("planned: nothing writes it yet, so nothing about it can be judged"),
  producer: z.string().min(1).optional().describe("Script that writes it"),
  schema: RepoPath.optional().describe("JSON Schema 2020-12 of the file, or of each line"),
  required_fields: z.array(FieldPath).default([])
    .describe("Fields that a report which passed has; dots lead into objects"),
  required_headings: z.array(z.string().min(1)).default([])
    .describe("Headings that a Markdown artifact has"),
  evidence: z.enum(["required", "optional"]).default("optional")
    .describe("required: must exist where evidence is demanded"),
});
export type CatalogueEntry = z.output<typeof Entry>;

/** `security/artifact_schema_catalog_policy.json`: every artifact, with what it must look like. */
export const ArtifactSchemaCatalogPolicy = z.strictObject({
  ...SchemaKey,
  version: z.int().min(1).max(2).describe("Format of this file"),
  entries: z.array(Entry).min(1).describe("One for each artifact"),
}).superRefine((policy, context) => {
  const seen = new Set<string>();
  policy.entries.forEach(({ id, format, required_fields, required_headings }, at) => {
    const fault = (key: string, message: string): void => {
      context.addIssue({ code: "custom", path: ["entries", at, key], message });
    };
    if (seen.has(id)) fault("id", `"${id}" stands twice`);
    seen.add(id);
    if (format !== "json" && required_fields.length > 0) {
      fault("required_fields", "only JSON artifacts have fields");
    }
    if (format !== "markdown" && required_headings.length > 0) {
      fault("required_headings", "only Markdown artifacts have headings");
    }
  });
});
export type ArtifactSchemaCatalogPolicy = z.output<typeof ArtifactSchemaCatalogPolicy>;
