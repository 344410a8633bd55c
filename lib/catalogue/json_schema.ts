import { z } from "zod";
import { Report } from "../report/report.ts";
import type { ArtifactKind } from "./artifact_kind.ts";

/** A JSON Schema as far as it is read here. */
export interface JsonSchema {
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  if?: JsonSchema;
  then?: JsonSchema;
}

/** Folder of the artifacts' schemas, relative to root. */
export const ARTIFACT_SCHEMA_DIR = "security/schemas/artifacts";

/** Path of an artifact's schema, relative to root. */
export function schemaPath(id: string): string {
  return `${ARTIFACT_SCHEMA_DIR}/${id}.schema.json`;
}

/** Fields that every report which passed has besides its own. */
const ENVELOPE_FIELDS = ["ok", "checks", "started_at", "ended_at"];

/** The own fields that a report must have when it passed. */
async function ownRequired(kind: ArtifactKind): Promise<string[]> {
  const fields = await kind.fields?.() ?? {};
  return Object.entries(fields).flatMap(([name, schema]) =>
    (schema as z.ZodType).safeParse(undefined).success ? [] : [name]
  );
}

/** Fields the catalogue lists for an artifact; none where it is not JSON. */
export async function requiredFields(kind: ArtifactKind): Promise<string[]> {
  if ((kind.format ?? "json") !== "json") return [];
  if (kind.schema !== undefined) return (await artifactSchema(kind)).required ?? [];
  return [...ENVELOPE_FIELDS, ...await ownRequired(kind)];
}

/**
 * The JSON Schema (2020-12) of an artifact, made from its zod schema.
 *
 * A report that failed early, say because its policy was malformed, has the envelope only; so the
 * script's own fields are required of those that passed (`if ok then required`). Other fields may
 * be added by later versions, so they are not forbidden.
 */
export async function artifactSchema(kind: ArtifactKind): Promise<JsonSchema> {
  const head = { $id: `urn:release-governance:artifact:${kind.id}:1`, title: kind.about };
  const options = { io: "input", unrepresentable: "any" } as const;
  if (kind.schema !== undefined) {
    const { $schema, ...rest } = z.toJSONSchema(await kind.schema(), options) as JsonSchema;
    return { ...($schema === undefined ? {} : { $schema }), ...head, ...rest };
  }
  const fields = await kind.fields?.() ?? {};
  const whole = Report.extend({ kind: z.literal(kind.id), ...z.object(fields).partial().shape });
  const { $schema, ...rest } = z.toJSONSchema(whole, options) as JsonSchema;
  const required = await ownRequired(kind);
  const passed = required.length === 0
    ? {}
    : { if: { properties: { ok: { const: true } }, required: ["ok"] }, then: { required } };
  return { ...($schema === undefined ? {} : { $schema }), ...head, ...rest, ...passed };
}
