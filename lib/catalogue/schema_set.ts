import type { Ajv2020, ValidateFunction } from "ajv/dist/2020.js";
import { join } from "@std/path/join";
import { z } from "zod";
import { describeFault, loadJson } from "../policy/load.ts";
import type { JsonSchema } from "./json_schema.ts";

/** What is wrong with a value, at its place. */
export interface Violation {
  /** Relative to root. */
  file: string;
  /** JSON pointer (RFC 6901). */
  pointer: string;
  /** Keyword of the schema that does not hold. */
  keyword: string;
  message: string;
}

/** A schema that was read, or why it cannot be used. */
export type SchemaFile =
  | { state: "ok"; schema: JsonSchema; validate: ValidateFunction }
  | { state: "missing" | "malformed"; reasons: string[] };

const SchemaDocument = z.looseObject({});

/** Reads schemas and checks values against them; each is compiled once. */
export class SchemaSet {
  readonly #root: string;
  readonly #read = new Map<string, SchemaFile>();
  #ajv: Ajv2020 | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Reads and compiles a schema. */
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
    try {
      const ajv = await this.#compiler();
      return { state: "ok", schema, validate: ajv.compile(schema) };
    } catch (error) {
      return { state: "malformed", reasons: [`${path}: ${(error as Error).message}`] };
    }
  }

  async #compiler(): Promise<Ajv2020> {
    if (this.#ajv !== undefined) return this.#ajv;
    const [{ Ajv2020 }, { default: addFormats }] = await Promise.all([
      import("ajv/dist/2020.js"),
      import("ajv-formats"),
    ]);
    this.#ajv = new Ajv2020({ allErrors: true, strict: false });
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
    return this.#ajv;
  }
}

/** Most violations that are listed for one file. */
const MOST_VIOLATIONS = 10;

/** Everything in a value that its schema does not allow. */
export function violationsOf(
  validate: ValidateFunction,
  value: unknown,
  file: string,
): Violation[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).filter(({ keyword }) => keyword !== "if").slice(0, MOST_VIOLATIONS)
    .map(({ instancePath, keyword, message = "" }) => ({
      file,
      pointer: instancePath,
      keyword,
      message,
    }));
}
