import type { z } from "zod";
import { closest } from "../text/closest.ts";
import { brief, pointerOf, valueAt } from "../text/json_pointer.ts";

/** One thing wrong with a JSON file, at the place where it is wrong. */
export interface Fault {
  /** JSON pointer (RFC 6901); empty for the whole document. */
  pointer: string;
  line?: number;
  column?: number;
  /** What was found and what was wanted, without the file's name. */
  message: string;
  suggestion?: string;
}

type Path = readonly PropertyKey[];

interface Shape {
  properties?: Record<string, Shape>;
  additionalProperties?: Shape | boolean;
  items?: Shape;
  prefixItems?: Shape[];
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  $ref?: string;
}

/** Names of the keys a schema knows at a path; several where the path leads through a union. */
function knownKeys(root: Shape, path: Path): string[] {
  let shapes: Shape[] = [root];
  const spread = (shape: Shape): Shape[] => [
    shape,
    ...[...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.allOf ?? [])].flatMap(spread),
  ];
  for (const key of path) {
    shapes = shapes.flatMap(spread).flatMap((shape) => {
      const extra = typeof shape.additionalProperties === "object"
        ? shape.additionalProperties
        : undefined;
      const next = typeof key === "number"
        ? shape.prefixItems?.[key] ?? shape.items
        : shape.properties?.[String(key)] ?? extra;
      return next === undefined ? [] : [next];
    });
  }
  return shapes.flatMap(spread).flatMap((shape) => Object.keys(shape.properties ?? {}));
}

/** Turns what zod reports into faults, with a suggestion for each key that is not known. */
export async function faultsOf(
  error: z.ZodError,
  value: unknown,
  schema: z.ZodType,
): Promise<Fault[]> {
  const { z } = await import("zod");
  const faults: Fault[] = [];
  for (const issue of error.issues) {
    if (issue.code === "unrecognized_keys") {
      const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
      for (const key of issue.keys) {
        const near = await closest(key, knownKeys(shape, issue.path));
        faults.push({
          pointer: pointerOf([...issue.path, key]),
          message: `"${key}" is not a known key`,
          ...(near === undefined ? {} : { suggestion: `did you mean "${near}"?` }),
        });
      }
      continue;
    }
    const pointer = pointerOf(issue.path);
    const found = brief(valueAt(value, pointer));
    faults.push({ pointer, message: `is ${found}, but: ${lowerFirst(issue.message)}` });
  }
  return faults;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
