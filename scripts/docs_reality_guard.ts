#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_DOC_REALITY_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git,deno
/**
 * Compares what documents say about the repository with what the repository holds.
 * @module
 */
import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { boolean, integer, list, path } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { type GatheredFacts, gatherFacts } from "../lib/docs/gather_facts.ts";
import { claimChecks, limitsOf, toFinding } from "../lib/documents/claim_checks.ts";
import { reportFields } from "../lib/documents/reality_fields.ts";
import { type Survey, survey } from "../lib/documents/survey.ts";
import { allow, documentedNames, surveyChecks } from "../lib/documents/survey_checks.ts";
import { DocsRealityPolicy } from "../lib/policy/docs_reality_policy.ts";
import { toolkitConfig } from "../lib/preflight/permissions.ts";
import { STEPS } from "../lib/preflight/registry.ts";
import { DECLARED_NAMES } from "../lib/preflight/unknown_names.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";

const flags = {
  policy: path({
    default: "security/docs_reality_policy.json",
    env: "WA_DOC_REALITY_POLICY_FILE",
    help: "Policy file",
  }),
  "doc-glob": list({ placeholder: "GLOB", help: "Documents to read, instead of the policy's" }),
  "path-prefix": list({
    placeholder: "PREFIX",
    help: "Prefixes that make a token a path of this repository, instead of the policy's",
  }),
  "require-python-command-check": boolean({
    env: "WA_DOC_REALITY_GUARD_REQUIRE_PYTHON_CHECK",
    help: "Enforce that documented commands of every runner can work",
  }),
  "require-command-check": boolean({ help: "Same as --require-python-command-check" }),
  "max-missing-paths": integer({
    default: -1,
    env: "WA_DOC_REALITY_GUARD_MAX_MISSING_PATHS",
    help: "Missing paths tolerated; negative: as the policy says",
  }),
  "max-command-failures": integer({
    default: -1,
    env: "WA_DOC_REALITY_GUARD_MAX_COMMAND_FAILURES",
    help: "Failing commands tolerated; negative: as the policy says",
  }),
};

type Run = Context<typeof flags, undefined>;

function headline(found: Survey): string {
  const failed = found.references.filter(({ status }) => status === "failed");
  const [first] = failed;
  if (found.docs.length === 0) return "no document was found";
  if (first === undefined) {
    return `${found.references.length} claims in ${found.docs.length} documents hold`;
  }
  const more = failed.length === 1 ? "" : `, and ${failed.length - 1} more claims do not hold`;
  return `${first.doc}:${first.line} ${first.message ?? first.raw}${more}`;
}

async function gather(
  { root }: Run,
  policy: DocsRealityPolicy,
  pathPrefixes: readonly string[],
  today: string,
): Promise<GatheredFacts> {
  return await gatherFacts(root, {
    pathPrefixes,
    generatedPrefixes: [...policy.generated_prefixes, ...policy.optional_paths],
    aliases: policy.command_aliases,
    today,
    describe: policy.execution.deno === "describe",
    timeoutMs: policy.execution.timeout_ms,
    batch: {
      program: fromFileUrl(new URL("../lib/documents/describe_batch.ts", import.meta.url)),
      config: toolkitConfig(),
      read: [root, dirname(toolkitConfig())],
    },
    toolkit: {
      environment: DECLARED_NAMES,
      steps: STEPS.map(({ id }) => id),
      artifacts: STEPS.map(({ kind }) => kind),
    },
  });
}

export const command = defineCommand({
  name: "docs_reality_guard",
  summary: "Judge whether paths, links, commands and names in documents are real",
  kind: "gate",
  artifact: "docs_reality_guard",
  strictEnv: "WA_DOC_REALITY_GUARD_STRICT",
  flags,
  findings: true,
  details: [
    "Parses every document (CommonMark with GFM) and compares what it names with the tracked files: paths, links, anchors, globs, commands with their flags and values, WA_* variables, artifacts, steps. Documented commands are never run; scripts that declare their flags are asked with --describe, without any permission.",
    "Placeholders such as <name>, history sections, and blocks after <!-- example --> are not judged.",
  ],
  examples: [
    "--strict --require-python-command-check",
    "--doc-glob 'docs/**/*.md' --sarif .data/docs.sarif",
  ],
  async run(run): Promise<Outcome> {
    const { inputs, flags, gate, strict, nowS } = run;
    const loaded = await inputs.json(flags.policy, DocsRealityPolicy);
    const policyCheck = loadedCheck("policy_loaded", loaded, gate);
    if (loaded.state !== "ok" && loaded.state !== "missing") {
      return { checks: [policyCheck], headline: `the policy ${loaded.path} cannot be used` };
    }
    const policy = loaded.state === "ok" ? loaded.value : DocsRealityPolicy.parse({ version: 2 });
    const prefixes = flags["path-prefix"].length > 0 ? flags["path-prefix"] : policy.path_prefixes;
    const globs = flags["doc-glob"].length > 0 ? flags["doc-glob"] : policy.doc_globs;
    const today = new Date(nowS * 1000).toISOString().slice(0, 10);
    const requested = flags["require-python-command-check"] || flags["require-command-check"];
    const gathered = await gather(run, policy, prefixes, today);
    const found = await survey(inputs, gathered, globs);
    const allowances = allow(found, policy, today);
    const limits = limitsOf({
      policy,
      gate,
      strict,
      requested,
      maxMissingPaths: flags["max-missing-paths"],
      maxCommandFailures: flags["max-command-failures"],
    });
    const failed = found.references.filter(({ status }) => status === "failed");
    return {
      checks: [
        policyCheck,
        ...surveyChecks(found, gathered, globs, gate),
        ...claimChecks(found, limits),
        documentedNames(found, gathered, policy, gate),
        allowances,
      ],
      headline: headline(found),
      findings: failed.map((one) => toFinding(one, limits)),
      fields: reportFields(found, { policyFile: inputs.shown(flags.policy), prefixes, requested }),
    };
  },
});

if (import.meta.main) await main(command);
