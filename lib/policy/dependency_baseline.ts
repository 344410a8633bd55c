import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";

const count = z.int().min(0).default(0);

const Counters = z.strictObject({
  info: count,
  low: count,
  moderate: count,
  high: count,
  critical: count,
  unknown: count,
  total: count,
}).refine(
  ({ info, low, moderate, high, critical, unknown, total }) =>
    total === info + low + moderate + high + critical + unknown,
  { path: ["total"], error: "expected the sum of the levels" },
);

/**
 * `security/dependency_baseline.json`: the known vulnerabilities per ecosystem and scope at the
 * last accepted audit. Written by a script, never by hand.
 */
export const DependencyBaseline = z.strictObject({
  ...SchemaKey,
  version: z.int().min(1).describe("Format of this file"),
  generated_at: z.number().positive().describe("When the audit was made, epoch seconds"),
  levels: z.record(z.string().regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/), Counters)
    .refine((levels) => Object.keys(levels).length > 0, {
      error: "expected at least one ecosystem",
    })
    .describe(
      "Counters keyed <ecosystem> or <ecosystem>_<scope>, such as deno, npm_prod, npm_dev, pip",
    ),
});
export type DependencyBaseline = z.output<typeof DependencyBaseline>;
