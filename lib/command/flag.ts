import { z } from "zod";

/** How a value is written on the command line; decides parsing and help. */
export type FlagKind =
  | "boolean"
  | "number"
  | "integer"
  | "text"
  | "path"
  | "choice"
  | "list"
  | "secret";

/** One declared flag: everything that is known about it comes from here. */
export interface Flag<T = unknown> {
  readonly kind: FlagKind;
  /**
   * Makes the schema from the raw text to the value. Made only for a value that is given: building
   * the schemas of all flags costs more start-up time than reading the command line.
   */
  readonly schema: () => z.ZodType<T>;
  readonly help: string;
  readonly fallback: T | undefined;
  /** Environment variable that gives the value where the flag is absent. */
  readonly env: string | undefined;
  /** JSON pointer into the script's policy that gives the value where flag and environment do not. */
  readonly policy: string | undefined;
  /** What stands for the value in help. */
  readonly placeholder: string;
  /** What a value must look like, in words. */
  readonly accepts: string;
}

interface Common {
  help: string;
  env?: string;
  policy?: string;
}

/** With a default the value is always there. */
type Value<T, O> = O extends { default: T } | { required: true } ? T : T | undefined;

function flag<T>(
  kind: FlagKind,
  schema: () => z.ZodType<T>,
  options: Common & { default?: T; placeholder?: string },
  placeholder: string,
  accepts: string,
): Flag<never> {
  const made: Flag<T> = {
    kind,
    schema,
    help: options.help,
    fallback: options.default,
    env: options.env,
    policy: options.policy,
    placeholder: options.placeholder ?? placeholder,
    accepts,
  };
  return made as Flag<unknown> as Flag<never>;
}

/** `--name`, or `--name=false` to overrule the environment. */
export function boolean(options: Common & { default?: boolean }): Flag<boolean> {
  const accepts = "1, true, yes, on or 0, false, no, off";
  const schema = () => z.stringbool({ error: `expected ${accepts}` });
  return flag("boolean", schema, { default: false, ...options }, "", accepts);
}

interface NumberOptions extends Common {
  default?: number;
  min?: number;
  max?: number;
}

function numeric<O extends NumberOptions>(kind: "number" | "integer", options: O): Flag<never> {
  const { min, max } = options;
  const bounds = [min === undefined ? "" : ` >= ${min}`, max === undefined ? "" : ` <= ${max}`];
  const accepts = `a ${kind === "integer" ? "whole number" : "number"}${
    bounds.filter(Boolean).join(" and")
  }`;
  const inRange = (n: number): boolean =>
    Number.isFinite(n) && (kind === "number" || Number.isSafeInteger(n)) &&
    n >= (min ?? -Infinity) && n <= (max ?? Infinity);
  const schema = () =>
    z.string().trim().regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i).transform(Number)
      .refine(inRange);
  return flag<number>(kind, schema, options, "N", accepts);
}

/** A finite decimal number. */
export function number<const O extends NumberOptions>(options: O): Flag<Value<number, O>> {
  return numeric("number", options);
}

/** A whole number. */
export function integer<const O extends NumberOptions>(options: O): Flag<Value<number, O>> {
  return numeric("integer", options);
}

interface TextOptions extends Common {
  default?: string;
  placeholder?: string;
}

/** Text that is not empty. */
export function text<const O extends TextOptions>(options: O): Flag<Value<string, O>> {
  return flag<string>("text", () => z.string().min(1), options, "TEXT", "text that is not empty");
}

/** A path, relative to the governed root unless absolute. */
export function path<const O extends TextOptions>(options: O): Flag<Value<string, O>> {
  return flag<string>(
    "path",
    () => z.string().min(1),
    options,
    "PATH",
    "a path, relative to the root",
  );
}

/** One of a closed set of words. */
export function choice<const C extends string, const O extends Common & { default?: C }>(
  choices: readonly [C, ...C[]],
  options: O,
): Flag<Value<C, O>> {
  const accepts = `one of ${choices.join(", ")}`;
  return flag<C>("choice", () => z.enum(choices), options, choices.join("|"), accepts);
}

/** A flag that may be repeated; in the environment the values are separated by commas. */
export function list(
  options: Common & { default?: string[]; placeholder?: string },
): Flag<string[]> {
  const schema = () => z.array(z.string().min(1));
  return flag("list", schema, { default: [], ...options }, "TEXT", "text, repeatable") as Flag<
    string[]
  >;
}

/**
 * A secret. It comes from the environment variable, or from the file that `<variable>_FILE` names;
 * the command line is visible to every process of the machine, so there it is refused.
 */
export function secret(options: { help: string; env: string }): Flag<string | undefined> {
  return flag<string>(
    "secret",
    () => z.string().min(1),
    options,
    "",
    `through ${options.env} or ${options.env}_FILE`,
  );
}

/** The declared flags of a script. */
export type Flags = Record<string, Flag>;

/** The values of declared flags, by name. */
export type Values<F> = { [N in keyof F]: F[N] extends Flag<infer T> ? T : never };
