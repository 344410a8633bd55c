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
   * From the raw text to the value, or undefined when it is not what the flag accepts. Plain code,
   * because a gate that needs no schema otherwise should not load the schema library for its flags.
   */
  readonly read: (raw: string | readonly string[]) => T | undefined;
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
  read: Flag<T>["read"],
  options: Common & { default?: T; placeholder?: string },
  placeholder: string,
  accepts: string,
): Flag<never> {
  const made: Flag<T> = {
    kind,
    read,
    help: options.help,
    fallback: options.default,
    env: options.env,
    policy: options.policy,
    placeholder: options.placeholder ?? placeholder,
    accepts,
  };
  return made as Flag<unknown> as Flag<never>;
}

/** Text that is not empty, as it stands. */
const words = (raw: string | readonly string[]): string | undefined =>
  typeof raw === "string" && raw !== "" ? raw : undefined;

const TRUTH = new Map([
  ...["1", "true", "yes", "on"].map((word) => [word, true] as const),
  ...["0", "false", "no", "off"].map((word) => [word, false] as const),
]);

/** `--name`, or `--name=false` to overrule the environment. */
export function boolean(options: Common & { default?: boolean }): Flag<boolean> {
  const accepts = "1, true, yes, on or 0, false, no, off";
  return flag(
    "boolean",
    (raw) => TRUTH.get(String(raw).trim().toLowerCase()),
    { default: false, ...options },
    "",
    accepts,
  );
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
  const read = (raw: string | readonly string[]): number | undefined => {
    const text = String(raw).trim();
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
    const n = Number(text);
    const sound = Number.isFinite(n) && (kind === "number" || Number.isSafeInteger(n));
    return sound && n >= (min ?? -Infinity) && n <= (max ?? Infinity) ? n : undefined;
  };
  return flag<number>(kind, read, options, "N", accepts);
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
  return flag<string>("text", words, options, "TEXT", "text that is not empty");
}

/** A path, relative to the governed root unless absolute. */
export function path<const O extends TextOptions>(options: O): Flag<Value<string, O>> {
  return flag<string>(
    "path",
    words,
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
  return flag<C>(
    "choice",
    (raw) => choices.find((choice) => choice === raw),
    options,
    choices.join("|"),
    accepts,
  );
}

/** A flag that may be repeated; in the environment the values are separated by commas. */
export function list(
  options: Common & { default?: string[]; placeholder?: string },
): Flag<string[]> {
  const read = (raw: string | readonly string[]): string[] | undefined =>
    typeof raw !== "string" && raw.every((item) => item !== "") ? [...raw] : undefined;
  return flag("list", read, { default: [], ...options }, "TEXT", "text, repeatable") as Flag<
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
    words,
    options,
    "",
    `through ${options.env} or ${options.env}_FILE`,
  );
}

/** The declared flags of a script. */
export type Flags = Record<string, Flag>;

/** The values of declared flags, by name. */
export type Values<F> = { [N in keyof F]: F[N] extends Flag<infer T> ? T : never };
