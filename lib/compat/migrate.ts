import { valueAt } from "../text/json_pointer.ts";
import type { Migration, Operation } from "../policy/release_compat_matrix.ts";
import type { StateDocument } from "./document.ts";
import { applyOperation } from "./operations.ts";
import type { ReaderAnswer, ReadRequest } from "./reader.ts";
import { shortestPath } from "./shortest_path.ts";

interface Hop {
  from: string;
  to: string;
  operations: readonly Operation[];
}

function hops(steps: readonly Migration[]): Hop[] {
  return steps.flatMap(({ from, to, up, down }) => [
    { from, to, operations: up },
    ...(down === undefined ? [] : [{ from: to, to: from, operations: down }]),
  ]);
}

/** Writes the schema version where the document states one. */
function restamp(document: StateDocument, pointer: string, schema: string): void {
  const cut = pointer.lastIndexOf("/");
  const holder = valueAt(document, pointer.slice(0, cut));
  const key = pointer.slice(cut + 1).replaceAll("~1", "/").replaceAll("~0", "~");
  if (typeof holder === "object" && holder !== null && Object.hasOwn(holder, key)) {
    (holder as StateDocument)[key] = schema;
  }
}

/**
 * Takes a document from one schema to another by the declared migrations, along the shortest way,
 * up or down.
 */
export function migrate(
  { value, fromSchema, toSchema }: ReadRequest,
  steps: readonly Migration[],
  schemaPointer: string,
): ReaderAnswer {
  const way = shortestPath(hops(steps), fromSchema, toSchema);
  if (way === undefined) {
    return { ok: false, why: `no declared migration leads from ${fromSchema} to ${toSchema}` };
  }
  const document = structuredClone(value);
  const dropped: string[] = [];
  for (const { from, to, operations } of way) {
    try {
      for (const operation of operations) dropped.push(...applyOperation(document, operation));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { ok: false, why: `migration from ${from} to ${to}: ${error.message}` };
    }
    restamp(document, schemaPointer, to);
  }
  return { ok: true, text: JSON.stringify(document), value: document, dropped };
}
