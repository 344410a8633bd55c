import { join } from "@std/path/join";
import type { CatalogueEntry } from "../policy/artifact_schema_catalog_policy.ts";
import { git } from "../project/git.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { ARTIFACT_SCHEMA_DIR, type JsonSchema } from "./json_schema.ts";
import { schemaBreaks, schemaVersion } from "./schema_breaks.ts";
import type { SchemaSet } from "./schema_set.ts";

/** Fields that a schema asks for, of a report that passed or of any file. */
function asked({ required = [], then }: JsonSchema): Set<string> {
  return new Set([...required, ...then?.required ?? []]);
}

async function schemaRows(entry: CatalogueEntry, schemas: SchemaSet): Promise<Check[]> {
  const { id, schema: path, required_fields } = entry;
  if (path === undefined) return [];
  const read = await schemas.get(path);
  const row = {
    id: `schema_valid_${id}`,
    mode: "enforce" as const,
    expect: "a JSON Schema 2020-12 that can be used",
    location: { file: path },
    hint: "deno task generate_references writes the schemas of this toolkit",
  };
  if (read.state !== "ok") return [{ ...row, ok: false, value: read }];
  const fields = asked(read.schema);
  const drift = required_fields.filter((field) => !fields.has(field.split(".")[0]!));
  return [
    { ...row, ok: true, value: read.schema.$id ?? path },
    {
      id: `schema_requires_fields_${id}`,
      ok: drift.length === 0,
      mode: "enforce",
      value: { examined: required_fields.length, not_required: drift },
      expect: "every required field of the policy is required by the schema",
      hint: `require ${drift.join(", ")} in ${path}, or take it out of the policy`,
      location: { file: path },
    },
  ];
}

async function schemaFiles(root: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(join(root, ARTIFACT_SCHEMA_DIR)));
    return entries.map(({ name }) => `${ARTIFACT_SCHEMA_DIR}/${name}`).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The rows about the schemas themselves, and that none of them has no entry. */
export async function judgeSchemas(
  root: string,
  entries: readonly CatalogueEntry[],
  schemas: SchemaSet,
): Promise<Check[]> {
  const rows: Check[] = [];
  for (const entry of entries) rows.push(...await schemaRows(entry, schemas));
  const used = new Set(entries.map(({ schema }) => schema));
  const unused = (await schemaFiles(root)).filter((path) => !used.has(path));
  const bare = entries.filter(({ status, schema, format }) =>
    status === "produced" && schema === undefined && (format === "json" || format === "ndjson")
  ).map(({ id }) => id);
  return [...rows, {
    id: "schemas_and_entries_agree",
    ok: unused.length === 0 && bare.length === 0,
    mode: "enforce",
    value: { entries: entries.length, schemas_without_entry: unused, entries_without_schema: bare },
    expect: "each produced artifact has a schema, and each schema an artifact",
    hint: unused[0] === undefined
      ? `name a schema for ${bare[0] ?? "it"} in the policy`
      : `remove ${unused[0]}, or add an entry that names it`,
  }];
}

/** Compares each schema with the one at the last tag: what breaks readers needs a new version. */
export async function judgeCompatibility(
  root: string,
  entries: readonly CatalogueEntry[],
  schemas: SchemaSet,
  gate: Mode,
): Promise<Check> {
  const id = "schemas_compatible_with_last_tag";
  const expect = "nothing removed or narrowed without a new schema_version";
  const tag = await git(root, "describe", "--tags", "--abbrev=0");
  if (!tag.ok) return notApplicable(id, expect, "there is no tag to compare with");
  const name = tag.text.trim();
  const paths = entries.flatMap(({ schema }) => schema ?? []);
  const changed = await git(root, "diff", "--name-only", "--diff-filter=M", name, "--", ...paths);
  if (!changed.ok) return notApplicable(id, expect, changed.reason);
  const breaks: string[] = [];
  for (const path of changed.text.split("\n").filter((line) => line !== "")) {
    const now = await schemas.get(path);
    const then = await git(root, "show", `${name}:${path}`);
    if (now.state !== "ok" || !then.ok) continue; // judged by its own row
    const before = JSON.parse(then.text) as JsonSchema;
    if (schemaVersion(now.schema) > schemaVersion(before)) continue;
    breaks.push(...schemaBreaks(before, now.schema).map((fault) => `${path}: ${fault}`));
  }
  if (paths.length === 0) return notApplicable(id, expect, "the policy names no schema");
  return {
    id,
    ok: breaks.length === 0,
    mode: gate,
    value: { tag: name, examined: paths.length, breaks },
    expect,
    hint: "raise the schema_version of the artifact, or keep what readers rely on",
  };
}
