#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_MIGRATION_*,WA_RELEASE_*,GITHUB_ACTIONS,PATH,HOME,LANG,TMPDIR,DENO_DIR --allow-run=git,deno
/**
 * Turns compatibility matrix and release policy into a plan an operator can follow, and says whether
 * the move is ready: a tested way there, and a tested way back.
 * @module
 */
import { dirname } from "@std/path/dirname";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { number, path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { type MatrixTerms, matrixTerms } from "../lib/compat/case_terms.ts";
import {
  judgeMigration,
  type MigrationFacts,
  migrationWays,
  type Ways,
  withoutPlanRows,
} from "../lib/compat/judge_migration.ts";
import { keptFiles, notesOf, type Stable, stableChannel } from "../lib/compat/migration_inputs.ts";
import { migrationPlan } from "../lib/compat/migration_plan.ts";
import {
  type MigrationVersions,
  migrationVersions,
  moveDirection,
} from "../lib/compat/migration_versions.ts";
import { type PlanDocument, planMarkdown } from "../lib/compat/plan_markdown.ts";
import { withEvidence } from "../lib/compat/step_evidence.ts";
import { type TestedCases, testedCases } from "../lib/compat/tested_cases.ts";
import { versionGraph } from "../lib/compat/version_graph.ts";
import { readCodeVersions, sourceFromFlag } from "../lib/governance/versions.ts";
import type { Loaded } from "../lib/policy/load.ts";
import { ReleaseCompatMatrix } from "../lib/policy/release_compat_matrix.ts";
import { ReleasePolicy } from "../lib/policy/release_policy.ts";
import { compareVersions, isSemver } from "../lib/project/semver.ts";
import { writeArtifact } from "../lib/report/artifact.ts";
import type { Check } from "../lib/report/check.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";
import { writeAtomic } from "../lib/store/write_atomic.ts";

const flags = {
  "from-version": text({
    env: "WA_MIGRATION_FROM_VERSION",
    placeholder: "X.Y.Z",
    help: "Version to leave (default: what the stable channel serves)",
  }),
  "to-version": text({
    env: "WA_MIGRATION_TO_VERSION",
    placeholder: "X.Y.Z",
    help: "Version to reach (default: the code's)",
  }),
  "init-file": path({ help: "File that states the version, of any supported kind" }),
  matrix: path({
    default: "security/release_compat_matrix.json",
    env: "WA_MIGRATION_MATRIX_FILE",
    help: "Compatibility matrix",
  }),
  policy: path({
    default: "security/release_policy.json",
    env: "WA_MIGRATION_POLICY_FILE",
    help: "Release policy",
  }),
  "channels-file": path({
    default: "security/release_channels.json",
    help: "Channel registry; says what stable serves",
  }),
  "changes-file": path({ default: "CHANGES.md", help: "Changelog; its warnings are quoted" }),
  "max-evidence-age-s": number({
    default: 86_400,
    min: 0,
    help: "Oldest evidence that counts, seconds",
  }),
  "out-md": path({
    env: "WA_MIGRATION_OUT_MD",
    help: "Write the Markdown plan to this file instead of a new one in .data/out",
  }),
};

type Run = Context<typeof flags, undefined>;

/** Writes the Markdown plan; returns where. */
async function writePlan({ root, inputs, flags, nowS }: Run, text: string): Promise<string> {
  const given = flags["out-md"];
  if (given === undefined) {
    const place = { prefix: "migration_assistant", epochS: nowS, extension: "md" };
    return await writeArtifact(root, place, () => text);
  }
  const absolute = inputs.absolute(given);
  await Deno.mkdir(dirname(absolute), { recursive: true });
  await writeAtomic(absolute, text);
  return inputs.shown(given);
}

async function withoutPlan(
  run: Run,
  matrix: Loaded<ReleaseCompatMatrix>,
  policy: Loaded<ReleasePolicy>,
): Promise<Outcome> {
  const { flags, strict, nowS } = run;
  const checks = withoutPlanRows(matrix, policy);
  const { "from-version": from, "to-version": to } = flags;
  const versions: MigrationVersions = {
    from: from ?? "",
    fromRule: from === undefined ? "none" : "flag",
    to: to ?? "",
    toRule: to === undefined ? "none" : "flag",
  };
  const shown: PlanDocument = {
    versions,
    direction: "unknown",
    strict,
    generatedAtS: nowS,
    there: [],
    back: [],
    plan: [],
    kept: [],
    changes: [],
    changesFile: flags["changes-file"],
    checks,
  };
  const failed = checks.find(({ ok }) => !ok);
  return {
    checks,
    headline: failed === undefined
      ? "there is no persistent state to migrate"
      : `there is no plan: ${failed.id} does not hold`,
    fields: {
      from_version: versions.from,
      to_version: versions.to,
      plan: [],
      matrix_file: matrix.path,
      policy_file: policy.path,
      markdown_path: await writePlan(run, planMarkdown(shown)),
    },
  };
}

function headline(facts: MigrationFacts, checks: readonly Check[], steps: number): string {
  const { versions: { from, to }, direction } = facts;
  const failed = checks.find((check) => !check.ok && check.mode === "enforce");
  if (failed !== undefined) return `not ready: ${failed.id} does not hold`;
  if (direction === "same") return `${to} is in place already`;
  return `${direction} ${from} to ${to} is ready: ${steps} steps, tested there and back`;
}

/** What the plan is made of, and what is judged. */
interface Gathered {
  facts: MigrationFacts;
  terms: MatrixTerms;
  tested: TestedCases;
  stable: Stable;
  registryRow: Check;
  commit: string;
}

async function gather(run: Run, terms: MatrixTerms): Promise<Gathered> {
  const { root, inputs, flags, gate, strict, nowS, correlation } = run;
  const { commit } = await run.git();
  const tested = await testedCases(terms, run, {
    nowS,
    maxAgeS: flags["max-evidence-age-s"],
    commit,
    runId: correlation.run_id,
    strict,
    mode: gate,
  });
  const given = flags["init-file"] === undefined ? undefined : sourceFromFlag(flags["init-file"]);
  const { appVersion } = await readCodeVersions(root, terms.policy, given ? [given] : []);
  const { stable, check: registryRow } = await stableChannel(inputs, flags["channels-file"]);
  const graph = versionGraph(tested.cases, isSemver, compareVersions);
  const versions = migrationVersions({
    fromFlag: flags["from-version"],
    toFlag: flags["to-version"],
    code: appVersion,
    stable: stable?.version,
    matrix: graph.versions,
  }, compareVersions);
  const facts: MigrationFacts = {
    versions,
    direction: moveDirection(versions, compareVersions),
    initVersion: appVersion,
    currentSchema: terms.state.current,
    cases: tested.cases,
    graph,
  };
  return { facts, terms, tested, stable, registryRow, commit };
}

async function document(
  run: Run,
  { facts, terms, stable, commit }: Gathered,
  { there, back }: Ways,
  checks: readonly Check[],
): Promise<PlanDocument> {
  const { inputs, flags, strict, nowS } = run;
  const { versions, direction } = facts;
  const plan = await withEvidence(migrationPlan(versions, there), inputs, {
    nowS,
    maxAgeS: flags["max-evidence-age-s"],
    commit,
    stable,
    channelsFile: inputs.shown(flags["channels-file"]),
  });
  return {
    versions,
    direction,
    strict,
    generatedAtS: nowS,
    there: there ?? [],
    back: back ?? [],
    plan,
    kept: await keptFiles(terms.policy, inputs),
    changes: await notesOf(facts, inputs, flags["changes-file"], compareVersions),
    changesFile: inputs.shown(flags["changes-file"]),
    checks,
  };
}

function fieldsOf({ facts, tested }: Gathered, shown: PlanDocument): Record<string, unknown> {
  const { versions, initVersion, direction, currentSchema } = facts;
  const landing = tested.cases.filter((one) =>
    one.expect_readable && one.to_version === versions.to
  );
  return {
    from_version: versions.from,
    from_version_rule: versions.fromRule,
    to_version: versions.to,
    to_version_rule: versions.toRule,
    init_version: initVersion,
    direction,
    current_schema: currentSchema,
    upgrade_case_count: landing.filter((one) => one.direction === "upgrade").length,
    rollback_to_target_count: landing.filter((one) => one.direction === "rollback").length,
    plan: shown.plan,
    way_there: shown.there,
    way_back: shown.back,
    files_to_preserve: shown.kept,
    breaking_notes: shown.changes,
    compat_evidence: tested.evidence,
  };
}

async function plan(run: Run): Promise<Outcome> {
  const { inputs, flags, gate } = run;
  const matrix = await inputs.json(flags.matrix, ReleaseCompatMatrix);
  const policy = await inputs.json(flags.policy, ReleasePolicy);
  const state = policy.state === "ok" ? policy.value.state_schema : undefined;
  if (matrix.state !== "ok" || policy.state !== "ok" || state === undefined) {
    return await withoutPlan(run, matrix, policy);
  }
  const gathered = await gather(run, matrixTerms(policy.value, state, matrix.value, gate));
  const ways = migrationWays(gathered.facts);
  const checks = [
    loadedCheck("matrix_loaded", matrix, "enforce"),
    loadedCheck("policy_loaded", policy, "enforce"),
    gathered.registryRow,
    gathered.tested.check,
    ...judgeMigration(gathered.facts, ways, gate),
  ];
  const shown = await document(run, gathered, ways, checks);
  return {
    checks,
    headline: headline(gathered.facts, checks, shown.plan.length),
    fields: {
      ...fieldsOf(gathered, shown),
      matrix_file: matrix.path,
      policy_file: policy.path,
      markdown_path: await writePlan(run, planMarkdown(shown)),
    },
  };
}

export const command = defineCommand({
  name: "migration_assistant",
  summary: "Plan a move between versions, with a tested way there and a tested way back",
  kind: "producer",
  artifact: "migration_assistant",
  strictEnv: "WA_MIGRATION_ASSISTANT_STRICT",
  flags,
  details: [
    "The cases of the compatibility matrix that pass make a graph of versions. A move is ready when upgrades lead from the version in use to the target, in one hop or several, and rollbacks lead back out of it. A move to a lower version needs the reverse.",
    "Results come from the newest compatibility report, where it is recent, of this commit and of these files; else the cases are run here. The plan is a checklist: a box is ticked only where real, recent, passing evidence says so.",
  ],
  examples: ["--strict", "--from-version 0.0.9 --to-version 0.1.0"],
  run: plan,
});

if (import.meta.main) await main(command);
