import { join } from "@std/path/join";
import { z } from "zod";
import { canonicalJson } from "../store/canonical.ts";
import { sha256File, sha256Hex } from "../store/digest.ts";
import type { GitFacts } from "../project/git.ts";
import { isSecretName } from "../scan/redact.ts";
import { TOOLKIT_VERSION } from "../command/toolkit.ts";
import { StepResult } from "./step_result.ts";

/** Everything a step's verdict may depend on; while it is unchanged, a passed step stays passed. */
export const RunState = z.object({
  commit: z.string(),
  dirty: z.boolean().nullable(),
  toolkit: z.string(),
  policies_sha256: z.string().describe("Over names and digests of security/*.json"),
  environment_sha256: z.string().describe("Over all WA_* variables; secrets count by their digest"),
  quick: z.boolean(),
  strict: z.boolean(),
});
export type RunState = z.output<typeof RunState>;

/** What is needed of an earlier preflight report to resume it. */
export const ResumableReport = z.looseObject({
  kind: z.literal("release_preflight"),
  run_state: RunState,
  correlation: z.object({
    correlation_id: z.string(),
    release_candidate_id: z.string(),
    run_id: z.string(),
  }),
  steps: z.array(StepResult),
});
export type ResumableReport = z.output<typeof ResumableReport>;

async function policiesDigest(root: string): Promise<string> {
  const digests: Record<string, string> = {};
  for await (const entry of Deno.readDir(join(root, "security"))) {
    if (!entry.isFile || !entry.name.endsWith(".json")) continue;
    digests[entry.name] = (await sha256File(join(root, "security", entry.name))).sha256;
  }
  return await sha256Hex(canonicalJson(digests));
}

/** Names that preflight sets itself for its children. */
const OWN = new Set([
  "WA_RELEASE_RUN_ID",
  "WA_RELEASE_CORRELATION_ID",
  "WA_RELEASE_CANDIDATE_ID",
  "WA_RELEASE_STEP",
]);

async function environmentDigest(environment: Record<string, string>): Promise<string> {
  const names = Object.keys(environment).filter((name) => name.startsWith("WA_") && !OWN.has(name))
    .sort();
  const values: Record<string, string> = {};
  for (const name of names) {
    values[name] = isSecretName(name) ? await sha256Hex(environment[name]!) : environment[name]!;
  }
  return await sha256Hex(canonicalJson(values));
}

/** Takes down what this run's verdicts depend on. */
export async function runState(
  root: string,
  git: GitFacts,
  environment: Record<string, string>,
  mode: { quick: boolean; strict: boolean },
): Promise<RunState> {
  return {
    commit: git.commit,
    dirty: git.dirty,
    toolkit: TOOLKIT_VERSION,
    policies_sha256: await policiesDigest(root),
    environment_sha256: await environmentDigest(environment),
    ...mode,
  };
}

/**
 * The steps of an earlier run that may stand: they passed, nothing they depend on changed, and
 * their report is still the one that was written.
 *
 * @returns The steps by id, or the reason why nothing may be taken over.
 */
export async function reusableSteps(
  root: string,
  earlier: ResumableReport,
  now: RunState,
): Promise<Map<string, StepResult> | string> {
  if (now.commit === "" || now.dirty !== false || earlier.run_state.dirty !== false) {
    return "the working tree is not exactly a commit, so nothing shows that it is unchanged";
  }
  for (const [name, value] of Object.entries(now)) {
    const before = earlier.run_state[name as keyof RunState];
    if (before !== value) return `${name} changed from "${before}" to "${value}"`;
  }
  const reusable = new Map<string, StepResult>();
  for (const step of earlier.steps) {
    if (step.status !== "passed" || step.report_path === undefined) continue;
    const written = await sha256File(join(root, step.report_path)).catch((error: unknown) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
    if (written?.sha256 === step.report_sha256) reusable.set(step.id, step);
  }
  return reusable;
}
