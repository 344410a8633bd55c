/**
 * Command-line parsing.
 * @module
 */
import type { AliasType, BooleanType, DefaultType, FlagValues, NameType } from "./_args_types.ts";
import { type FlagNames, flagNames } from "./_flag_names.ts";
import { type Flags, hasNested, setNested } from "./_flag_store.ts";

/** What {@linkcode parseArgs} returns: the flags, the positional arguments and those after `--`. */
export type Args<
  TArgs extends Record<string, unknown> = Record<string, unknown>,
  TDoubleDash extends boolean | undefined = undefined,
> =
  & TArgs
  & { /** Arguments that belong to no flag. */ _: (string | number)[] }
  & (true extends TDoubleDash ? { /** Arguments after `--`. */ "--": string[] } : unknown);

/** Which flags {@linkcode parseArgs} knows and how it reads them. */
export interface ParseOptions<
  TBooleans extends BooleanType = BooleanType,
  TStrings extends NameType = NameType,
  TCollectable extends NameType = NameType,
  TNegatable extends NameType = NameType,
  TDefault extends DefaultType = DefaultType,
  TAliases extends AliasType = AliasType,
  TDoubleDash extends boolean | undefined = boolean | undefined,
> {
  /**
   * Whether what follows `--` goes to its own list instead of the positional arguments.
   *
   * @default {false}
   */
  "--"?: TDoubleDash;
  /** Further names of a flag. */
  alias?: TAliases;
  /** Flags that take no value; `true` makes every long flag without `=` one. */
  boolean?: TBooleans | readonly Extract<TBooleans, string>[];
  /** Values of flags that were not given. */
  default?: TDefault;
  /** Flags whose value is never read as a number; `_` stands for the positional arguments. */
  string?: TStrings | readonly Extract<TStrings, string>[];
  /** Flags that may be repeated; the others keep their last value. */
  collect?: TCollectable | readonly Extract<TCollectable, string>[];
  /** Flags that `--no-NAME` sets to false. */
  negatable?: TNegatable | readonly Extract<TNegatable, string>[];
  /**
   * Whether everything after the first positional argument is positional.
   *
   * @default {false}
   */
  stopEarly?: boolean;
  /**
   * Called for every positional argument and for every flag that is neither `boolean`, `string` nor
   * aliased. If it returns `false` the argument is dropped.
   */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/**
 * Reads command-line arguments in the manner of GNU long and short options.
 *
 * - `--a 1`, `--a=1`, `-a 1`, `-a1`, `-abc`; `--a.b 1` nests; an argument is a number if it reads as one.
 * - A flag without a value is `true`, or `""` if it is a string; a boolean that was not given is `false`.
 * - Any value of a boolean but `false` is `true`: `--strict=maybe` is not refused.
 *
 * @param args Usually `Deno.args`.
 * @throws {TypeError} If one flag is both a value and a parent, as in `--a=1 --a.b=2`.
 */
export function parseArgs<
  const TBooleans extends BooleanType = undefined,
  const TStrings extends NameType = undefined,
  const TCollectable extends NameType = undefined,
  const TNegatable extends NameType = undefined,
  const TDefault extends DefaultType = undefined,
  const TAliases extends AliasType = undefined,
  const TDoubleDash extends boolean | undefined = undefined,
>(
  args: readonly string[],
  options: ParseOptions<
    TBooleans,
    TStrings,
    TCollectable,
    TNegatable,
    TDefault,
    TAliases,
    TDoubleDash
  > = {},
): Args<
  FlagValues<TBooleans, TStrings, TCollectable, TNegatable, TDefault, TAliases>,
  TDoubleDash
> {
  const dashes = args.indexOf("--");
  const before = dashes < 0 ? args : args.slice(0, dashes);
  const after = dashes < 0 ? [] : args.slice(dashes + 1);
  const parser = new Parser(before, options);
  parser.run();
  parser.fillIn(options.default ?? {});
  const values: unknown = {
    ...parser.flags,
    _: options["--"] ? parser.positional : [...parser.positional, ...after],
    ...options["--"] ? { "--": after } : {},
  };
  return values as ReturnType<
    typeof parseArgs<TBooleans, TStrings, TCollectable, TNegatable, TDefault, TAliases, TDoubleDash>
  >;
}

/** One pass over the arguments before `--`. */
class Parser {
  readonly flags: Flags = {};
  readonly positional: (string | number)[] = [];
  readonly #args: readonly string[];
  readonly #options: Pick<ParseOptions, "stopEarly" | "unknown">;
  readonly #names: FlagNames;
  #next = 0;

  constructor(args: readonly string[], options: ParseOptions) {
    this.#args = args;
    this.#options = options;
    this.#names = flagNames(options);
  }

  run(): void {
    for (let arg = this.#take(); arg !== undefined; arg = this.#take()) {
      const long = /^--(?<key>[^=]+)(?:=(?<value>.*))?$/s.exec(arg)?.groups;
      if (long?.key !== undefined) this.#long(arg, long.key, long.value);
      else if (/^-[^-]/.test(arg)) this.#short(arg);
      else this.#plain(arg);
    }
  }

  /** Gives flags that did not occur their default, or `false` or `[]` by their kind. */
  fillIn(defaults: Readonly<Record<string, unknown>>): void {
    const { aliases, booleans, strings, collectable } = this.#names;
    for (const [name, value] of Object.entries(defaults)) {
      if (hasNested(this.flags, name)) continue;
      for (const each of [name, ...aliases.get(name) ?? []]) setNested(this.flags, each, value);
    }
    for (const name of booleans.union(strings)) {
      if (hasNested(this.flags, name)) continue;
      if (collectable.has(name)) setNested(this.flags, name, []);
      else if (booleans.has(name)) setNested(this.flags, name, false);
    }
  }

  #take(): string | undefined {
    return this.#args[this.#next++];
  }

  #plain(arg: string): void {
    if (this.#options.unknown?.(arg) !== false) {
      this.positional.push(this.#names.strings.has("_") ? arg : numberOrText(arg));
    }
    if (!this.#options.stopEarly) return;
    this.positional.push(...this.#args.slice(this.#next));
    this.#next = this.#args.length;
  }

  #long(arg: string, key: string, value: string | undefined): void {
    const { booleans, negatable, allBooleans } = this.#names;
    if (value !== undefined) {
      return this.#set(key, booleans.has(key) ? value !== "false" : value, arg);
    }
    const positive = /^no-(?<name>.+)$/s.exec(key)?.groups?.name;
    if (positive !== undefined && negatable.has(positive)) {
      return this.#set(positive, false, arg, { collect: false });
    }
    this.#withNext(arg, key, /^-/, allBooleans);
  }

  #short(arg: string): void {
    const letters = arg.slice(1);
    for (const [index, letter] of Array.from(letters.slice(0, -1)).entries()) {
      const rest = letters.slice(index + 1);
      const glued = gluedValue(letter, rest);
      if (rest === "-") this.#set(letter, rest, arg);
      else if (glued !== undefined) return this.#set(letter, glued, arg);
      else this.#set(letter, this.#bare(letter), arg);
    }
    const last = letters.slice(-1);
    if (last !== "-") this.#withNext(arg, last, /^--?[^-]/, false);
  }

  /** A flag whose value, if it takes one, is the next argument. */
  #withNext(arg: string, key: string, flag: RegExp, isBoolean: boolean): void {
    const next = this.#args[this.#next];
    if (next !== undefined && !isBoolean && !this.#names.booleans.has(key) && !flag.test(next)) {
      this.#next++;
      this.#set(key, next, arg);
    } else if (next === "true" || next === "false") {
      this.#next++;
      this.#set(key, next === "true", arg);
    } else this.#set(key, this.#bare(key), arg);
  }

  #bare(key: string): string | boolean {
    return this.#names.strings.has(key) ? "" : true;
  }

  #set(key: string, value: unknown, arg: string, { collect } = { collect: true }): void {
    const { aliases, strings, collectable } = this.#names;
    if (!this.#isDeclared(key, arg) && this.#options.unknown?.(arg, key, value) === false) return;
    const read = typeof value === "string" && !strings.has(key) ? numberOrText(value) : value;
    for (const name of [key, ...aliases.get(key) ?? []]) {
      setNested(this.flags, name, read, collect && collectable.has(name));
    }
  }

  #isDeclared(key: string, arg: string): boolean {
    const { aliases, booleans, strings, allBooleans } = this.#names;
    return booleans.has(key) || strings.has(key) || aliases.has(key) ||
      (allBooleans && /^--[^=]+$/.test(arg));
  }
}

/** Value written onto a short flag: `-a=1`, `-n5`, `-I/usr`; nothing if another letter follows. */
function gluedValue(letter: string, rest: string): string | undefined {
  if (/[A-Za-z]/.test(letter)) {
    const assigned = /^=(?<value>.+)$/s.exec(rest)?.groups?.value;
    if (assigned !== undefined) return assigned;
    if (/^-?\d+(?:\.\d*)?(?:e-?\d+)?$/.test(rest)) return rest;
  }
  return /^\W/.test(rest) ? rest : undefined;
}

function numberOrText(text: string): number | string {
  return /\S/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}
