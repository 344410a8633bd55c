import type { CatalogueEntry } from "../policy/artifact_schema_catalog_policy.ts";
import type { ArtifactKind } from "./artifact_kind.ts";
import { artifactSchema, requiredFields, schemaPath } from "./json_schema.ts";
import { knownArtifacts } from "./known_artifacts.ts";

/** Whether a schema can be made for an artifact: planned ones have none to be made from. */
function hasSchema({ format = "json" }: ArtifactKind): boolean {
  return format === "json" || format === "ndjson";
}

/** What the policy says about an artifact, given the scripts that are there. */
async function entryOf(
  kind: ArtifactKind,
  scripts: ReadonlySet<string>,
): Promise<Partial<CatalogueEntry>> {
  const { id, about, producer, format = "json", headings = [] } = kind;
  const produced = scripts.has(producer);
  return {
    id,
    about,
    artifact_glob: kind.glob ?? `.data/out/${id}_*.json`,
    ...(format === "json" ? {} : { format }),
    status: produced ? "produced" : "planned",
    producer,
    ...(produced && hasSchema(kind) ? { schema: schemaPath(id) } : {}),
    ...(produced && format === "json" ? { required_fields: await requiredFields(kind) } : {}),
    ...(headings.length > 0 ? { required_headings: headings } : {}),
    evidence: produced && kind.required === true ? "required" : "optional",
  };
}

/** A file made from the artifacts' declarations, not yet formatted. */
export interface CatalogueFile {
  /** Relative to root. */
  path: string;
  text: string;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2) + "\n";

/**
 * The catalogue policy, the schema of every artifact that is produced, and the document, as they
 * should be now.
 *
 * @param scripts Base names of the scripts that are there.
 */
export async function catalogueFiles(scripts: ReadonlySet<string>): Promise<CatalogueFile[]> {
  const { ArtifactSchemaCatalogPolicy } = await import(
    "../policy/artifact_schema_catalog_policy.ts"
  );
  const { cataloguePage } = await import("./catalogue_page.ts");
  const kinds = knownArtifacts();
  const entries = await Promise.all(kinds.map((kind) => entryOf(kind, scripts)));
  const policy = {
    $schema: "./schemas/artifact_schema_catalog_policy.schema.json",
    version: 2,
    entries,
  };
  const produced = kinds.filter((kind) => scripts.has(kind.producer) && hasSchema(kind));
  const schemas = new Map(
    await Promise.all(
      produced.map(async (kind) => [schemaPath(kind.id), await artifactSchema(kind)] as const),
    ),
  );
  return [
    { path: "security/artifact_schema_catalog_policy.json", text: json(policy) },
    ...[...schemas].map(([path, schema]) => ({ path, text: json(schema) })),
    {
      path: "docs/ARTIFACT_SCHEMA_CATALOG.md",
      text: cataloguePage(ArtifactSchemaCatalogPolicy.parse(policy).entries, schemas),
    },
  ];
}
