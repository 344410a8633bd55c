import { isDocument } from "./document.ts";
import type { FixtureDocument } from "./fixture.ts";
import type { StateShape } from "./state_shapes.ts";

/** The same schema gives the same documents, on every machine and every day. */
const SEED = 20_260_101;

/** What is varied: the least a document may hold, and all it may. */
const VARIANTS = [
  { name: "minimal", options: { requiredOnly: true } },
  { name: "full", options: { alwaysFakeOptionals: true } },
] as const;

/**
 * Makes documents of a schema version from its form, each checked against it.
 *
 * @throws {RangeError} If a document cannot be made that satisfies the form.
 */
export async function generateDocuments(shape: StateShape): Promise<FixtureDocument[]> {
  const { generate } = await import("json-schema-faker");
  const documents: FixtureDocument[] = [];
  for (const { name, options } of VARIANTS) {
    const value = await generate(shape.json(), {
      seed: SEED,
      maxItems: 3,
      ...options,
    });
    if (!isDocument(value)) {
      throw new RangeError(`schema ${shape.schema} is not that of a JSON object`);
    }
    const [fault] = shape.faults(value);
    if (fault !== undefined) {
      throw new RangeError(`no ${name} document of schema ${shape.schema} can be made: ${fault}`);
    }
    documents.push({ name, path: undefined, text: JSON.stringify(value), value });
  }
  return documents;
}
