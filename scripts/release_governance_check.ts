#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_RELEASE_*,GITHUB_ACTIONS,GITHUB_BASE_REF,GITHUB_REF_NAME,GITHUB_REF_TYPE --allow-run=git
/**
 * Judges whether code version, state schema, release policy, policy files, runtime data, changelog
 * and release document agree.
 * @module
 */
import { type Context, defineCommand } from "../lib/command/command.ts";
import { boolean, type Flag, list, path, text, type Values } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { UsageError } from "../lib/command/errors.ts";
import { changeSince, judgeSameChange, judgeTags } from "../lib/governance/change.ts";
import { judgeChangelog } from "../lib/governance/changelog.ts";
import { judgeRuntimeFile } from "../lib/governance/runtime_data.ts";
import {
  type CodeVersions,
  judgeCodeVersions,
  judgePolicyVersions,
  readCodeVersions,
  sourceFromFlag,
} from "../lib/governance/versions.ts";
import { POLICIES, type PolicyEntry, policyPath } from "../lib/policy/catalogue.ts";
import { DependencyBaseline } from "../lib/policy/dependency_baseline.ts";
import { ReleasePolicy } from "../lib/policy/release_policy.ts";
import type { ReleaseRolloutPolicy } from "../lib/policy/release_rollout_policy.ts";
import type { VersionSource } from "../lib/project/version_source.ts";
import { type Check, notApplicable } from "../lib/report/check.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";

const flags = {
  policy: path({ default: "security/release_policy.json", help: "Release policy" }),
  "init-file": path({
    help: "File that states the version, of any supported kind (same as --version-source)",
  }),
  "version-source": list({
    placeholder: "[KIND:]PATH",
    help: "File that states the version, instead of the policy's version_sources",
  }),
  baseline: path({
    default: "security/dependency_baseline.json",
    help: "Baseline of known vulnerabilities",
  }),
  "changes-file": path({ default: "CHANGES.md", help: "Changelog" }),
  "release-doc": path({
    default: "docs/RELEASE_AND_ROLLBACK.md",
    help: "Document that tells how to release and roll back",
  }),
  "base-ref": text({
    env: "GITHUB_BASE_REF",
    placeholder: "REF",
    help: "Branch or commit that this change is compared with",
  }),
  "require-changes-version": boolean({
    env: "WA_RELEASE_REQUIRE_CHANGES_VERSION",
    help: "Enforce that the changelog has a section for the version",
  }),
};

/** One flag for each policy file that documents let a caller put elsewhere. */
const policyFlags: Record<string, Flag<string>> = Object.fromEntries(
  POLICIES.flatMap(({ name, about, flag }) =>
    flag === undefined ? [] : [[flag, path({ default: policyPath(name), help: about })]]
  ),
);

type Run = Context<typeof flags, undefined>;

function versionSources(values: Values<typeof flags>): VersionSource[] {
  const given = [
    ...values["version-source"],
    ...values["init-file"] === undefined ? [] : [values["init-file"]],
  ];
  return given.map((text) => {
    const source = sourceFromFlag(text);
    if (source !== undefined) return source;
    throw new UsageError(
      `Cannot tell how "${text}" states a version`,
      "name the kind: deno, jsr, package_json, pyproject, cargo, python_init or version_file, as in python_init:src/app/about.py",
    );
  });
}

async function baselineCheck({ inputs, flags }: Run): Promise<Check> {
  const loaded = await inputs.json(flags.baseline, DependencyBaseline);
  if (loaded.state === "missing") {
    const reason = `${loaded.path} does not exist, so known vulnerabilities are not compared`;
    return notApplicable("dependency_baseline_valid", "a well-formed baseline", reason);
  }
  return loadedCheck("dependency_baseline_valid", loaded, "enforce");
}

async function runtimeChecks({ inputs, gate }: Run, policy: ReleasePolicy): Promise<Check[]> {
  const files = policy.runtime_data?.files ?? [];
  if (files.length === 0) {
    return [
      notApplicable(
        "runtime_data_contract",
        "each file keeps its contract",
        "the release policy lists no runtime data files",
      ),
    ];
  }
  return await Promise.all(
    files.map(async (file) => judgeRuntimeFile(file, await inputs.text(file.path), gate)),
  );
}

function policyFile({ flags }: Run, { name, flag }: PolicyEntry): string {
  const given = flag === undefined ? undefined : (flags as Record<string, unknown>)[flag];
  return typeof given === "string" ? given : policyPath(name);
}

async function policyCheck(run: Run, entry: PolicyEntry): Promise<Check[]> {
  const { name, schema, governanceCheck } = entry;
  const id = governanceCheck ?? `${name}_loaded`;
  const loaded = await run.inputs.json(policyFile(run, entry), schema);
  if (loaded.state === "missing") {
    const reason = `${loaded.path} does not exist, so the gates that need it cannot pass`;
    return [notApplicable(id, "a well-formed policy", reason)];
  }
  const check = loadedCheck(id, loaded, "enforce");
  if (name !== "release_rollout_policy" || loaded.state !== "ok") return [check];
  const { judgeRolloutStages } = await import("../lib/governance/cross_policy.ts");
  return [check, judgeRolloutStages(loaded.value as ReleaseRolloutPolicy, loaded.path)];
}

/** Every other policy this toolkit knows: well formed where present; absent ones are named. */
async function policyChecks(run: Run): Promise<Check[]> {
  const others = POLICIES.filter(({ name }) => name !== "release_policy");
  return (await Promise.all(others.map((entry) => policyCheck(run, entry)))).flat();
}

async function documentChecks({ inputs, flags, gate }: Run, appVersion: string): Promise<Check[]> {
  const document = await inputs.text(flags["release-doc"]);
  const changes = await inputs.text(flags["changes-file"]);
  return [
    {
      id: "release_doc_exists",
      ok: document.state === "ok" && document.text.trim() !== "",
      mode: "enforce",
      value: document.state === "ok" ? `${document.bytes.length} bytes` : document.message,
      expect: "a document that tells how to release and roll back",
      hint: `write ${flags["release-doc"]}, or name it with --release-doc`,
      location: { file: flags["release-doc"] },
    },
    ...judgeChangelog(changes, appVersion, {
      file: flags["changes-file"],
      mode: flags["require-changes-version"] ? "enforce" : gate,
    }),
  ];
}

const stateSchemaOf = ({ stateSchema }: CodeVersions): string =>
  stateSchema?.state === "ok" ? stateSchema.version : "";

/** The files that state the versions belong on the record as much as those they are compared with. */
async function recordSources(
  { inputs }: Run,
  versions: CodeVersions,
  policy: ReleasePolicy | undefined,
): Promise<void> {
  const paths = versions.stated.map(({ source }) => source.path);
  const schemaPath = policy?.state_schema?.source?.path;
  for (const path of schemaPath === undefined ? paths : [...paths, schemaPath]) {
    await inputs.text(path);
  }
}

async function changeChecks(
  run: Run,
  versions: CodeVersions,
  policy: ReleasePolicy | undefined,
): Promise<Check[]> {
  const { root, flags, gate, env, inputs } = run;
  const facts = await run.git();
  if (!facts.available || facts.commit === "") {
    const reason = facts.reason ?? "the repository has no commit yet";
    return [notApplicable("same_change_policy_update", "policy changes with the version", reason)];
  }
  const sources = {
    version: versions.stated.find(({ answer }) => answer.state === "ok")?.source,
    stateSchema: policy?.state_schema?.source,
  };
  const refTag = env("GITHUB_REF_TYPE") === "tag" ? env("GITHUB_REF_NAME") : undefined;
  const [change, tagChecks] = await Promise.all([
    changeSince(root, flags["base-ref"], sources),
    judgeTags(root, versions.appVersion, refTag, gate),
  ]);
  const now = {
    appVersion: versions.appVersion,
    stateSchema: stateSchemaOf(versions),
    policyFile: inputs.shown(flags.policy),
    changesFile: inputs.shown(flags["changes-file"]),
  };
  return [judgeSameChange(change, now, gate), ...tagChecks];
}

function headline(
  checks: readonly Check[],
  versions: CodeVersions,
  policy: ReleasePolicy | undefined,
): string {
  const failed = checks.filter((check) => !check.ok);
  if (failed[0] !== undefined) {
    return failed.length === 1
      ? `${failed[0].id} does not hold`
      : `${failed[0].id} and ${failed.length - 1} more do not hold`;
  }
  const schema = policy?.state_schema === undefined
    ? ""
    : ` and state schema ${policy.state_schema.current}`;
  const sources = versions.stated.length === 1 ? "1 source" : `${versions.stated.length} sources`;
  return `version ${versions.appVersion}${schema} agree in ${sources}, policy and changelog`;
}

export const command = defineCommand({
  name: "release_governance_check",
  summary: "Judge whether version, state schema, policies, runtime data and documents agree",
  kind: "gate",
  artifact: "release_governance",
  strictEnv: "WA_RELEASE_GOVERNANCE_STRICT",
  flags: { ...policyFlags, ...flags },
  details: [
    "Reads the version from every source, the state schema from the code, the release policy and the runtime data it lists, all other policy files, the changelog and the release document. With a base to compare with, a changed version or schema must bring the policy and the changelog along.",
  ],
  examples: ["--strict", "--strict --require-changes-version --base-ref main"],
  async run(run) {
    const { inputs, root, flags, gate } = run;
    const loaded = await inputs.json(flags.policy, ReleasePolicy);
    const policy = loaded.state === "ok" ? loaded.value : undefined;
    const versions = await readCodeVersions(root, policy, versionSources(flags));
    const changes = changeChecks(run, versions, policy); // git works while the files are read
    await recordSources(run, versions, policy);
    const checks: Check[] = [
      ...judgeCodeVersions(versions, policy),
      loadedCheck("release_policy_loaded", loaded, "enforce"),
      ...(policy === undefined
        ? []
        : judgePolicyVersions(versions, policy, { file: flags.policy, gate })),
      await baselineCheck(run),
      ...(policy === undefined ? [] : await runtimeChecks(run, policy)),
      ...await policyChecks(run),
      ...await documentChecks(run, versions.appVersion),
      ...await changes,
    ];
    return {
      checks,
      headline: headline(checks, versions, policy),
      fields: {
        versions: {
          app_version: versions.appVersion,
          state_schema_version: stateSchemaOf(versions) || (policy?.state_schema?.current ?? null),
        },
        paths: {
          policy: flags.policy,
          baseline: flags.baseline,
          changes_file: flags["changes-file"],
          release_doc: flags["release-doc"],
          version_sources: versions.stated.map(({ source }) => source.path),
        },
      },
    };
  },
});

if (import.meta.main) await main(command);
