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

type Issue = z.core.$ZodIssue;

/** How far into the value the issues of a union's branch lie; 0 where the value is of another type. */
const depth = (branch: readonly Issue[]): number =>
  Math.max(0, ...branch.map((issue) => issue.path.length));

/**
 * The issue itself; for a union the issues of the branch that the value comes nearest to, and for
 * the key of a record what its pattern says.
 */
function innermost(issue: Issue): Issue[] {
  const inside = (inner: Issue): Issue[] =>
    innermost({ ...inner, path: [...issue.path, ...inner.path] });
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const [nearest = []] = [...issue.errors].sort((a, b) =>
      depth(b) - depth(a) || a.length - b.length
    );
    if (depth(nearest) > 0) return nearest.flatMap(inside);
    const wanted = issue.errors.flatMap((branch) => branch.map(words)).join(" or ");
    return [{ ...issue, message: wanted }];
  }
  if (issue.code === "invalid_key") {
    return [{ ...issue, message: `its key: ${issue.issues.map(words).join(", ")}` }];
  }
  return [issue];
}

/** What was wanted, in the fewest words: what was found is said already. */
function words({ message }: Issue): string {
  const text = message
    .replace(/^(Invalid input|Invalid option|Invalid string|Too small|Too big): /, "")
    .replace(/, received [\w ]+$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** How many faults of one file are worth a line each. */
const MOST_FAULTS = 100;

/** Turns what zod reports into faults, with a suggestion for each key that is not known. */
export async function faultsOf(
  error: z.ZodError,
  value: unknown,
  schema: z.ZodType,
): Promise<Fault[]> {
  const { z } = await import("zod");
  const faults: Fault[] = [];
  let shape: Shape | undefined;
  for (const issue of error.issues.slice(0, MOST_FAULTS).flatMap(innermost)) {
    if (issue.code === "unrecognized_keys") {
      shape ??= z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
      for (const key of issue.keys.slice(0, MOST_FAULTS)) {
        const near = await closest(key, knownKeys(shape, issue.path));
        faults.push({
          pointer: pointerOf([...issue.path, key]),
          message: `${brief(key)} is not a known key`,
          ...(near === undefined ? {} : { suggestion: `did you mean "${near}"?` }),
        });
      }
      continue;
    }
    const pointer = pointerOf(issue.path);
    const found = brief(valueAt(value, pointer));
    faults.push({ pointer, message: `is ${found}, ${words(issue)}` });
  }
  return faults.slice(0, MOST_FAULTS);
}
