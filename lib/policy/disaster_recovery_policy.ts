import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";

const InPrimary = z.string().min(1).refine(
  (path) => !path.split("/").some((part) => part === "" || part === "." || part === ".."),
  { error: "expected a path inside the primary, relative, with / and without .." },
);

/**
 * `security/disaster_recovery_policy.json`: what a copy of the data must hold, how old it may be,
 * and how long it may take to bring it back.
 */
export const DisasterRecoveryPolicy = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("Format of this file"),
  max_rpo_s: z.number().positive()
    .describe("Recovery point: oldest that the newest restored record may be, seconds"),
  max_rto_s: z.number().positive()
    .describe("Recovery time: longest restoration with comparison and probe, seconds"),
  keep_snapshots: z.int().min(2).max(1000).default(3)
    .describe("Proven copies that are kept, the newest included; older ones go after a success"),
  copy_attempts: z.int().min(1).max(10).default(3)
    .describe("How often a primary that changes meanwhile is copied anew before the drill fails"),
  exclude: z.array(InPrimary).default([])
    .describe("Paths that are not copied, with all below them; relative to the primary"),
  must_contain: z.array(InPrimary).default([])
    .describe("Files without which a copy is worthless; relative to the primary"),
  newest_record: z.strictObject({
    path: InPrimary.describe("JSON, or lines of JSON of which the last counts"),
    pointer: z.string().startsWith("/")
      .describe("JSON pointer to its time: epoch seconds, or RFC 3339 text"),
  }).optional().describe("What tells the age of the data; file times when absent"),
  probe: z.strictObject({
    command: z.string().min(1)
      .describe("Program and arguments that read {restored}; run without a shell, from the root"),
    timeout_s: z.number().positive().max(3600).default(60).describe("Longest run, seconds"),
  }).optional().describe("What must be able to read the restored copy"),
});
export type DisasterRecoveryPolicy = z.output<typeof DisasterRecoveryPolicy>;
