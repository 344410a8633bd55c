#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_ARTIFACT_SCHEMA_CATALOG_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Judges whether artifact catalogue, policy, schemas and the evidence that is there agree.
 * @module
 */
import { cataloguePage } from "../lib/catalogue/catalogue_page.ts";
import { type ArtifactFile, findArtifacts } from "../lib/catalogue/find_artifacts.ts";
import { type Excuse, excuseRows, judgeArtifact } from "../lib/catalogue/judge_artifact.ts";
import { judgeCatalogue } from "../lib/catalogue/judge_catalogue.ts";
import { judgeCoverage, judgePlanned } from "../lib/catalogue/judge_coverage.ts";
import { judgeCompatibility, judgeSchemas } from "../lib/catalogue/judge_schemas.ts";
import type { JsonSchema } from "../lib/catalogue/json_schema.ts";
import { knownArtifacts } from "../lib/catalogue/known_artifacts.ts";
import { pendingArtifacts } from "../lib/catalogue/pending.ts";
import { readCatalogue } from "../lib/catalogue/read_catalogue.ts";
import { SchemaSet } from "../lib/catalogue/schema_set.ts";
import { selectFiles } from "../lib/catalogue/select_files.ts";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { boolean, list, number, path } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { ArtifactSchemaCatalogPolicy } from "../lib/policy/artifact_schema_catalog_policy.ts";
import { type Check, notApplicable } from "../lib/report/check.ts";

const flags = {
  catalog: path({
    env: "WA_ARTIFACT_SCHEMA_CATALOG_FILE",
    default: "docs/ARTIFACT_SCHEMA_CATALOG.md",
    help: "Catalogue for people",
  }),
  "require-evidence": boolean({
    env: "WA_ARTIFACT_SCHEMA_CATALOG_REQUIRE_EVIDENCE",
    help: "Enforce that every artifact is there that the policy calls required",
  }),
  "max-age-s": number({
    default: 86_400,
    min: 0,
    help: "Files up to this age are judged, and the newest of each artifact always, seconds",
  }),
  pending: list({
    placeholder: "ARTIFACT",
    help: "Artifact that a later step makes; inside preflight those of all later steps are",
  }),
  "print-catalog": boolean({
    help: "Print the catalogue as policy and schemas give it, instead of judging",
  }),
};

type Run = Context<typeof flags, ArtifactSchemaCatalogPolicy>;

async function printCatalogue({ root, policy }: Run): Promise<Outcome> {
  const schemas = new SchemaSet(root);
  const read = new Map<string, JsonSchema>();
  for (const { schema } of policy.entries) {
    const file = schema === undefined ? undefined : await schemas.get(schema);
    if (schema !== undefined && file?.state === "ok") read.set(schema, file.schema);
  }
  const { length } = policy.entries;
  return {
    checks: [{
      id: "catalog_printed",
      ok: true,
      mode: "enforce",
      value: length,
      expect: "the page that policy and schemas give",
    }],
    headline: `${length} artifacts`,
    stdout: cataloguePage(policy.entries, read),
    unrecorded: true,
  };
}

async function catalogueChecks({ inputs, flags, policy }: Run): Promise<Check[]> {
  const page = await inputs.text(flags.catalog);
  const file = inputs.shown(flags.catalog);
  const loaded: Check = {
    id: "catalog_loaded",
    ok: page.state === "ok" && page.text.trim() !== "",
    mode: "enforce",
    value: page.state === "ok" ? `${page.bytes.length} bytes` : page.message,
    expect: "a catalogue that is not blank",
    hint: `write it: deno task artifact_schema_catalog_guard --print-catalog > ${file}`,
    location: { file },
  };
  if (page.state !== "ok" || !loaded.ok) return [loaded];
  return [loaded, ...judgeCatalogue(policy.entries, readCatalogue(page.text), file)];
}

/** Base names of the scripts in the governed repository, if it has a folder of them. */
async function scriptsOf({ inputs }: Run): Promise<Set<string>> {
  try {
    const files = await Array.fromAsync(Deno.readDir(inputs.absolute("scripts")));
    return new Set(files.map(({ name }) => name.replace(/\.ts$/, "")));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Set();
    throw error;
  }
}

function pendingRow(pending: readonly string[], runId: string): Check {
  const id = "pending_producers_named";
  const expect = "artifacts of later steps, to be looked at again when the run is sealed";
  if (pending.length === 0) return notApplicable(id, expect, "this is not part of a preflight run");
  return { id, ok: true, mode: "enforce", value: { run_id: runId, pending }, expect };
}

function headline(checks: readonly Check[], examined: number, run: Run): string {
  const failed = checks.filter((check) => !check.ok);
  const [first] = [...failed.filter((check) => check.mode === "enforce"), ...failed];
  if (first !== undefined) {
    return `${first.id} does not hold${
      failed.length > 1 ? `, nor do ${failed.length - 1} more` : ""
    }`;
  }
  const { entries } = run.policy;
  const planned = entries.filter(({ status }) => status === "planned").length;
  return `${
    entries.length - planned
  } artifacts agree with their catalogue, ${examined} files examined, ${planned} artifacts planned`;
}

async function judge(run: Run): Promise<Outcome> {
  const { root, flags, policy, inputs, nowS, gate, correlation } = run;
  const pending = pendingArtifacts(flags.pending, correlation.run_id);
  const known = new Set([...policy.entries, ...knownArtifacts()].map(({ id }) => id));
  const stranger = flags.pending.find((id) => !known.has(id));
  if (stranger !== undefined) {
    throw new UsageError(`--pending is "${stranger}", which is no artifact`);
  }
  const schemas = new SchemaSet(root);
  const found = await findArtifacts(root, policy.entries);
  const terms = { requireEvidence: flags["require-evidence"], gate, pending: new Set(pending) };
  const candidate = correlation.release_candidate_id;
  const judged: Check[] = [];
  const excused = new Map<string, Excuse>();
  let examined = 0;
  for (const entry of policy.entries) {
    const all: ArtifactFile[] = found.files.get(entry.id) ?? [];
    const files = selectFiles(all, { nowS, maxAgeS: flags["max-age-s"], candidate });
    examined += files.length;
    for (const file of files) {
      inputs.note(file.path, file.faults.length > 0 ? "malformed" : "ok", file.sha256);
    }
    const schema = entry.schema === undefined ? undefined : await schemas.get(entry.schema);
    const rows = await judgeArtifact(root, entry, files, schema, terms);
    if (typeof rows === "string") excused.set(entry.id, rows);
    else judged.push(...rows);
  }
  const checks = [
    ...await catalogueChecks(run),
    ...await judgeSchemas(root, policy.entries, schemas),
    await judgeCompatibility(root, policy.entries, schemas, gate),
    ...judgeCoverage(policy.entries, found, gate),
    judgePlanned(policy.entries, found, await scriptsOf(run), gate),
    pendingRow(pending, correlation.run_id),
    ...judged,
    ...excuseRows(excused),
  ];
  return {
    checks,
    headline: headline(checks, examined, run),
    fields: {
      require_evidence: flags["require-evidence"],
      policy_file: inputs.shown(String((run.flags as Record<string, unknown>)["policy"])),
      catalog_file: inputs.shown(flags.catalog),
      entries: policy.entries.map(({ id, artifact_glob, status, required_fields }) => ({
        id,
        artifact_glob,
        status,
        required_fields,
        latest_evidence: found.files.get(id)?.[0]?.path ?? null,
      })),
      files_examined: examined,
      pending,
    },
  };
}

export const command = defineCommand({
  name: "artifact_schema_catalog_guard",
  summary: "Judge whether artifact catalogue, policy, schemas and evidence agree",
  kind: "gate",
  artifact: "artifact_schema_catalog_guard",
  strictEnv: "WA_ARTIFACT_SCHEMA_CATALOG_STRICT",
  policy: {
    path: "security/artifact_schema_catalog_policy.json",
    env: "WA_ARTIFACT_SCHEMA_CATALOG_POLICY_FILE",
    schema: ArtifactSchemaCatalogPolicy,
  },
  flags,
  details: [
    "Compares the catalogue for people with the policy, both ways, and the policy with the JSON Schemas. Then checks the files that are there: the newest of each artifact, and all younger ones of this candidate. Where patterns overlap, the kind inside a file says whose it is.",
    "Planned artifacts are listed as such: nothing writes them, so nothing about them is judged. Inside preflight, artifacts of later steps are pending; the seal looks at them again.",
  ],
  examples: ["--strict", "--strict --require-evidence", "--print-catalog"],
  run: (run) => run.flags["print-catalog"] ? printCatalogue(run) : judge(run),
});

if (import.meta.main) await main(command);
