import type { CatalogueEntry } from "../policy/artifact_schema_catalog_policy.ts";
import type { JsonSchema } from "./json_schema.ts";

/** The schema at a dotted path, where the schema says anything about it. */
function schemaAt(schema: JsonSchema | undefined, path: string): JsonSchema | undefined {
  return path.split(".").reduce<JsonSchema | undefined>(
    (at, name) => at?.properties?.[name],
    schema,
  );
}

/** A type in words: `string`, `array of object`, `string or null`. */
export function typeInWords(schema: JsonSchema | undefined): string {
  if (schema === undefined) return "any";
  if (schema.anyOf !== undefined) {
    return [...new Set(schema.anyOf.map(typeInWords))].join(" or ");
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") {
    const item = typeInWords(schema.items);
    return item === "any" ? "array" : `array of ${item}`;
  }
  return Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type ?? "any";
}

function fieldLine(path: string, schema: JsonSchema | undefined): string {
  const found = schemaAt(schema, path);
  const meaning = found?.description === undefined ? "" : `; ${lowerFirst(found.description)}`;
  return `  - \`${path}\`: ${typeInWords(found)}${meaning}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function section(
  entry: CatalogueEntry,
  schemas: ReadonlyMap<string, JsonSchema>,
): string[] {
  const { id, about, artifact_glob, producer, schema, required_fields, required_headings } = entry;
  const definition = schema === undefined ? undefined : schemas.get(schema);
  return [
    `## ${id}`,
    "",
    ...(about === undefined ? [] : [`${about}.`, ""]),
    `- Artifact glob: \`${artifact_glob}\``,
    ...(producer === undefined || entry.status === "planned"
      ? []
      : [`- Written by: \`scripts/${producer}.ts\``]),
    ...(schema === undefined ? [] : [`- Schema: \`${schema}\``]),
    ...(required_fields.length === 0
      ? []
      : ["- Required fields:", ...required_fields.map((path) => fieldLine(path, definition))]),
    ...(required_headings.length === 0
      ? []
      : ["- Required headings:", ...required_headings.map((heading) => `  - ${heading}`)]),
    "",
  ];
}

const INTRODUCTION = `# Artifact schema catalogue

Every file that a release leaves as evidence: where it is, what wrote it, and what is in it. This
page is for people; \`security/artifact_schema_catalog_policy.json\` says the same to machines, and the
JSON Schemas (2020-12) say it exactly. \`deno task artifact_schema_catalog_guard --strict\` compares the
three, and the evidence that is there, with each other:

\`\`\`sh
deno task artifact_schema_catalog_guard --strict
\`\`\`

- A section's heading is the artifact's id. Where two patterns match one file name, the \`kind\` inside
  the file says whose it is.
- Required fields are those of a report that passed. One that failed early, because its policy was
  malformed for instance, holds the envelope only (\`security/schemas/report.schema.json\`).
- Times are seconds since 1970 (UTC) unless a field's name ends in another unit. Fields may be added
  without notice; one that is removed, renamed or narrowed brings a new \`schema_version\`.
- With \`--require-evidence\` every artifact that is marked so in the policy must be there. Inside
  preflight the artifacts of later steps are pending: the guard names them, and the seal looks at
  them again.
`;

const PLANNED = `<!-- docs-reality: off -->

# Planned artifacts

Nothing writes these yet, so nothing is claimed about their content.
`;

/**
 * The catalogue for people. Planned artifacts come last, between marks that tell the document gate
 * that they are not there.
 *
 * @param schemas By path, as the entries name them.
 */
export function cataloguePage(
  entries: readonly CatalogueEntry[],
  schemas: ReadonlyMap<string, JsonSchema>,
): string {
  const planned = entries.filter(({ status }) => status === "planned");
  const produced = entries.filter(({ status }) => status === "produced");
  const lines = [
    INTRODUCTION,
    ...produced.flatMap((entry) => section(entry, schemas)),
    ...(planned.length === 0 ? [] : [
      PLANNED,
      ...planned.flatMap((entry) => section(entry, schemas)),
      "<!-- docs-reality: on -->",
    ]),
  ];
  return lines.join("\n").trimEnd() + "\n";
}
