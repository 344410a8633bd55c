import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";

const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, { error: "expected a day, YYYY-MM-DD" });
const Strength = z.enum(["enforce", "gate", "warn", "off"]);
const Prefix = z.string().min(1).refine(
  (prefix) => !prefix.startsWith("/") && !prefix.split(/[\\/]/).includes(".."),
  { error: "expected a prefix inside the repository" },
);

const CommandAlias = z.strictObject({
  match: z.string().min(1).describe("Command as documented; {stem} stands for a name"),
  to: z.string().min(1).describe("Command that is checked instead"),
  mode: z.enum(["warn", "forbid"]).describe("warn: accepted and counted; forbid: a failure"),
  reason: z.string().min(1),
  expires: Day.describe("Last day the alias counts"),
});

const Allowance = z.strictObject({
  rule: z.string().min(1).describe("Rule of the finding"),
  match: z.string().min(1).describe("The finding's text exactly as the document has it"),
  file: z.string().min(1).optional().describe("Only in this document"),
  reason: z.string().min(1),
  expires: Day.describe("Last day the allowance counts"),
});

/** `security/docs_reality_policy.json`: which documents are compared with the repository, and how. */
export const DocsRealityPolicy = z.strictObject({
  ...SchemaKey,
  version: z.int().min(1).max(2).describe("Format of this file"),
  doc_globs: z.array(z.string().min(1)).min(1).default(["README.md", "docs/**/*.md"])
    .describe("Documents to read"),
  path_prefixes: z.array(Prefix)
    .default(["docs/", "scripts/", "security/", ".github/workflows/"])
    .describe("Prefixes that make a token a claim; top-level folders are claims anyway"),
  max_missing_paths: z.int().min(0).default(0).describe("Missing paths tolerated"),
  max_command_failures: z.int().min(0).default(0).describe("Failing commands tolerated"),
  generated_prefixes: z.array(Prefix).default([".data/", "dist/"])
    .describe("What programs write; nothing below is tracked"),
  optional_paths: z.array(Prefix).default([])
    .describe("Files that operators may add; documents may name them before they exist"),
  command_aliases: z.array(CommandAlias).default([]),
  allow: z.array(Allowance).default([]).describe("Findings that are accepted for a while"),
  execution: z.strictObject({
    deno: z.enum(["describe", "static"]).default("describe")
      .describe("describe: ask scripts for their declaration; static: read their source only"),
    python: z.enum(["static"]).default("static").describe("Source only; nothing is run"),
    timeout_ms: z.int().min(100).max(120_000).default(20_000)
      .describe("Longest time for one declaration, milliseconds"),
  }).prefault({}),
  checks: z.strictObject({
    anchors: Strength.default("gate").describe("Anchors and reference labels"),
    env_names: Strength.default("gate").describe("WA_* names that documents mention"),
    env_documented: Strength.default("warn").describe("Declared WA_* names no document mentions"),
    step_ids: Strength.default("gate"),
    artifact_kinds: Strength.default("gate"),
    flag_mentions: Strength.default("gate").describe("Flags that stand alone in code spans"),
  }).prefault({}).describe("Strength of each further check; gate: enforced under --strict"),
});
export type DocsRealityPolicy = z.output<typeof DocsRealityPolicy>;
