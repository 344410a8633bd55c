import type { Validator } from "@cfworker/json-schema";
import { join } from "@std/path/join";
import { z } from "zod";
import { describeFault, loadJson } from "../policy/load.ts";
import type { JsonSchema } from "./json_schema.ts";

/** What is wrong with a value, at its place. */
export interface Violation {
  /** Relative to root. */
  file: string;
  /** JSON pointer (RFC 6901); for a file of lines, after the line's number. */
  pointer: string;
  /** Keyword of the schema that does not hold. */
  keyword: string;
  message: string;
}

/** A schema that was read, or why it cannot be used. */
export type SchemaFile =
  | { state: "ok"; schema: JsonSchema; validator: () => Validator }
  | { state: "missing" | "malformed"; reasons: string[] };

/** The dialect that schemas are written in. */
const DIALECT = "https://json-schema.org/draft/2020-12/schema";

const TYPES = new Set(["string", "number", "integer", "boolean", "array", "object", "null"]);
const SCHEMA_KEYWORDS = ["items", "additionalProperties", "if", "then", "else", "not"] as const;
const LIST_KEYWORDS = ["anyOf", "allOf", "oneOf"] as const;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The first slip in a schema by which it would allow too much; undefined when there is none. */
function slipIn(schema: unknown, at: string): string | undefined {
  if (typeof schema === "boolean") return undefined;
  if (!isObject(schema)) return `${at} is no schema`;
  const { type, required, properties = {} } = schema;
  const named = type === undefined ? [] : [type].flat();
  if (!named.every((name) => TYPES.has(String(name)))) return `${at}/type is no type`;
  const texts = required === undefined || Array.isArray(required) &&
      required.every((name) => typeof name === "string");
  if (!texts) return `${at}/required is no list of names`;
  if (!isObject(properties)) return `${at}/properties is no object`;
  for (const [name, inner] of Object.entries(properties)) {
    const slip = slipIn(inner, `${at}/properties/${name}`);
    if (slip !== undefined) return slip;
  }
  for (const key of SCHEMA_KEYWORDS) {
    const slip = schema[key] === undefined ? undefined : slipIn(schema[key], `${at}/${key}`);
    if (slip !== undefined) return slip;
  }
  for (const key of LIST_KEYWORDS) {
    const list = schema[key];
    if (list === undefined) continue;
    if (!Array.isArray(list) || list.length === 0) return `${at}/${key} is no list of schemas`;
    const slip = list.map((inner, i) => slipIn(inner, `${at}/${key}/${i}`)).find(Boolean);
    if (slip !== undefined) return slip;
  }
  return undefined;
}

const SchemaDocument = z.looseObject({ $schema: z.literal(DIALECT) });

/** Reads schemas and checks values against them; each is read once. */
export class SchemaSet {
  readonly #root: string;
  readonly #read = new Map<string, SchemaFile>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Reads a schema. */
  async get(path: string): Promise<SchemaFile> {
    const known = this.#read.get(path);
    if (known !== undefined) return known;
    const read = await this.#load(path);
    this.#read.set(path, read);
    return read;
  }

  async #load(path: string): Promise<SchemaFile> {
    const loaded = await loadJson(join(this.#root, path), SchemaDocument, { shown: path });
    if (loaded.state !== "ok") {
      const reasons = loaded.faults.map((fault) => describeFault(path, fault));
      return { state: loaded.state === "missing" ? "missing" : "malformed", reasons };
    }
    const schema = loaded.value as JsonSchema;
    const slip = slipIn(schema, "");
    if (slip !== undefined) return { state: "malformed", reasons: [`${path}: ${slip}`] };
    const { Validator } = await import("@cfworker/json-schema");
    let validator: Validator | undefined; // made for schemas only that have something to check
    return {
      state: "ok",
      schema,
      validator: (): Validator => validator ??= new Validator(loaded.value, "2020-12", false),
    };
  }
}

/** Most violations that are listed for one file. */
const MOST_VIOLATIONS = 10;

/** Keywords that only pass on what other keywords found. */
const PASSING_ON = new Set(["properties", "items", "if", "then", "anyOf", "allOf", "oneOf"]);

/** Everything in a value that its schema does not allow, the most precise places only. */
export function violationsOf(validator: Validator, value: unknown, file: string): Violation[] {
  const { valid, errors } = validator.validate(value);
  if (valid) return [];
  const precise = errors.filter(({ keyword }) => !PASSING_ON.has(keyword));
  return (precise.length > 0 ? precise : errors).slice(0, MOST_VIOLATIONS)
    .map(({ instanceLocation, keyword, error }) => ({
      file,
      pointer: instanceLocation.replace(/^#/, ""),
      keyword,
      message: error,
    }));
}
