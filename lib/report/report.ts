import { z } from "zod";

const Location = z.object({
  file: z.string(),
  line: z.int().positive().optional(),
  column: z.int().positive().optional(),
});

export const CheckRow = z.object({
  id: z.string().min(1),
  ok: z.boolean(),
  mode: z.enum(["enforce", "warn"]),
  value: z.unknown(),
  expect: z.string(),
  hint: z.string().optional(),
  location: Location.optional(),
  not_applicable: z.string().optional(),
});

/** Ids that tie artifacts of one release attempt together; empty where nobody set them. */
export const Correlation = z.object({
  correlation_id: z.string(),
  release_candidate_id: z.string(),
  run_id: z.string(),
});
export type Correlation = z.output<typeof Correlation>;

const GitFacts = z.object({
  available: z.boolean(),
  commit: z.string().describe("Full commit id; empty before the first commit or outside git"),
  branch: z.string().describe("Empty when detached"),
  dirty: z.boolean().nullable().describe("Null where git could not tell"),
  reason: z.string().optional().describe("Why git is not available"),
});

/**
 * What every report holds (design: "Reports and artifacts"). Scripts add fields of their own, so
 * the object is loose.
 */
export const Report = z.looseObject({
  schema_version: z.literal(1),
  kind: z.string().min(1).describe("The artifact prefix; says what this file is evidence of"),
  ok: z.boolean().describe("No enforced check failed"),
  clean: z.boolean().describe("No check failed at all"),
  exit_code: z.int(),
  headline: z.string().describe("The single most important fact, in words"),
  started_at: z.number().describe("Epoch seconds, 3 decimals"),
  ended_at: z.number().describe("Epoch seconds, 3 decimals"),
  duration_s: z.number().min(0).describe("Monotonic"),
  strict: z.boolean(),
  correlation: Correlation,
  git: GitFacts,
  tool: z.object({ name: z.string(), version: z.string(), deno: z.string() }),
  inputs: z.array(z.object({
    path: z.string().describe("Relative to the root, with /"),
    sha256: z.string().optional(),
    state: z.enum(["ok", "missing", "unreadable", "malformed", "wrong_type"]),
  })),
  settings: z.array(z.object({
    name: z.string(),
    value: z.unknown(),
    source: z.string().describe("flag, environment NAME, policy POINTER, or default"),
  })),
  checks: z.array(CheckRow),
  summary: z.object({
    total: z.int(),
    failed_enforced: z.int(),
    failed_warn: z.int(),
    not_applicable: z.int(),
  }),
  next_actions: z.array(z.string()),
  report_path: z.string().optional().describe("Where this report was written, relative to root"),
});
export type Report = z.output<typeof Report>;
