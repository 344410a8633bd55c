import type { Inputs } from "../command/inputs.ts";
import type { ReleaseCompatMatrix } from "../policy/release_compat_matrix.ts";
import { z } from "zod";
import { valueAt } from "../text/json_pointer.ts";
import type { StateDocument } from "./document.ts";

/** Most faults of one document that are listed. */
const MOST_FAULTS = 5;

/** The form of one schema version. */
export interface StateShape {
  schema: string;
  /** What in a document breaks the form; empty when nothing does. */
  faults(document: StateDocument): string[];
  /** The form as JSON Schema. */
  json(): Record<string, unknown>;
}

/** The declared forms, by schema version, oldest first, and what is wrong with the declarations. */
export interface StateShapes {
  shapes: ReadonlyMap<string, StateShape>;
  faults: string[];
}

function zodShape(schema: string, form: z.ZodType): StateShape {
  return {
    schema,
    faults: (document) =>
      (form.safeParse(document).error?.issues ?? []).slice(0, MOST_FAULTS).map((issue) =>
        `/${issue.path.join("/")} ${issue.message}`
      ),
    json: () => z.toJSONSchema(form, { io: "input", unrepresentable: "any" }),
  };
}

async function declaredShapes(
  files: Readonly<Record<string, string>>,
  inputs: Inputs,
): Promise<StateShapes> {
  const shapes = new Map<string, StateShape>();
  const faults: string[] = [];
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const { default: addFormats } = await import("ajv-formats");
  for (const [schema, path] of Object.entries(files)) {
    const loaded = await inputs.json(path, z.record(z.string(), z.unknown()));
    if (loaded.state !== "ok") {
      faults.push(`${loaded.path} of schema ${schema} ${loaded.faults[0]?.message ?? "is broken"}`);
      continue;
    }
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    try {
      const validate = ajv.compile(loaded.value);
      shapes.set(schema, {
        schema,
        faults: (document) =>
          validate(document)
            ? []
            : (validate.errors ?? []).slice(0, MOST_FAULTS).map((error) =>
              `${error.instancePath || "/"} ${error.message ?? error.keyword}`
            ),
        json: () => loaded.value,
      });
    } catch (error) {
      faults.push(`${loaded.path} is no JSON Schema: ${(error as Error).message}`);
    }
  }
  return { shapes, faults };
}

/** The forms that the matrix declares, or those of the toolkit's own registry. */
export async function stateShapes(
  matrix: ReleaseCompatMatrix,
  inputs: Inputs,
): Promise<StateShapes> {
  if (Object.keys(matrix.schemas).length > 0) return await declaredShapes(matrix.schemas, inputs);
  if (matrix.reader.kind !== "release_channels") return { shapes: new Map(), faults: [] };
  const { REGISTRY_FORMS } = await import("./state_reader.ts");
  const shapes = [...REGISTRY_FORMS].map(([schema, form]) =>
    [schema, zodShape(schema, form)] as const
  );
  return { shapes: new Map(shapes), faults: [] };
}

/** The schema version that a document states about itself, if it does. */
export function statedSchema(document: StateDocument, pointer: string): string | undefined {
  const stated = valueAt(document, pointer);
  return typeof stated === "string" ? stated : undefined;
}

/**
 * The newest form that a document satisfies. For documents that do not state their version: a newer
 * form asks for more, so an older document does not satisfy it.
 */
export function newestShape(
  document: StateDocument,
  shapes: ReadonlyMap<string, StateShape>,
  compare: (a: string, b: string) => number,
): string | undefined {
  return [...shapes.values()]
    .filter((shape) => shape.faults(document).length === 0)
    .map(({ schema }) => schema).sort(compare).at(-1);
}
