import { suggest } from "./suggest.ts";
import type { Word } from "./shell_words.ts";

/** What a script accepts for one flag. */
export interface DeclaredFlag {
  name: string;
  /** `boolean`, `number`, `integer`, `choice`, …; anything else takes any value. */
  kind: string;
  /** In words, for messages. */
  accepts: string;
  choices: readonly string[];
  min: number;
  max: number;
  env?: string;
}

/** One script or subcommand. */
export interface DeclaredCommand {
  flags: ReadonlyMap<string, DeclaredFlag>;
  /** Operands allowed besides flags. */
  operands: number;
  artifact?: string;
  policy?: string;
}

/** What a script says about itself under `--describe`; one command under `""`, or one per subcommand. */
export type ScriptDeclaration = ReadonlyMap<string, DeclaredCommand>;

/** Something wrong with the arguments a document gives a script. */
export interface ArgumentIssue {
  rule:
    | "unknown_flag"
    | "flag_value_invalid"
    | "flag_value_missing"
    | "unknown_subcommand"
    | "unexpected_argument";
  word: Word;
  message: string;
  suggestion?: string;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function bound(accepts: string, sign: ">=" | "<="): number {
  const found = new RegExp(`${sign} ([-+]?[\\d.]+(?:e[-+]?\\d+)?)`).exec(accepts)?.[1];
  return found === undefined ? (sign === ">=" ? -Infinity : Infinity) : Number(found);
}

function readFlag(value: unknown): DeclaredFlag | undefined {
  if (!isRecord(value) || textOf(value["name"]) === "") return undefined;
  const accepts = textOf(value["accepts"]);
  const kind = textOf(value["kind"]);
  const env = textOf(value["env"]);
  return {
    name: textOf(value["name"]),
    kind,
    accepts,
    choices: kind === "choice" ? accepts.replace(/^one of /, "").split(/,\s*/) : [],
    min: bound(accepts, ">="),
    max: bound(accepts, "<="),
    ...(env === "" ? {} : { env }),
  };
}

/**
 * Reads what `deno run scripts/x.ts --describe` printed.
 *
 * @throws {TypeError} If it is not a declaration; the message says which part is wrong.
 */
export function readDeclaration(description: unknown): ScriptDeclaration {
  const commands = isRecord(description) ? description["commands"] : undefined;
  if (!isRecord(commands)) {
    throw new TypeError('Cannot read declaration: "commands" is not an object');
  }
  const declaration = new Map<string, DeclaredCommand>();
  for (const [word, command] of Object.entries(commands)) {
    const flags = isRecord(command) ? command["flags"] : undefined;
    if (!isRecord(command) || !Array.isArray(flags)) {
      throw new TypeError(`Cannot read declaration: "commands.${word}.flags" is not an array`);
    }
    const known = flags.map(readFlag).filter((flag) => flag !== undefined);
    const operands = isRecord(command["operands"]) ? Number(command["operands"]["most"]) : 0;
    const artifact = textOf(command["artifact"]);
    const policy = textOf(command["policy"]);
    declaration.set(word, {
      flags: new Map(known.map((flag) => [flag.name, flag])),
      operands: Number.isNaN(operands) ? 0 : operands,
      ...(artifact === "" ? {} : { artifact }),
      ...(policy === "" ? {} : { policy }),
    });
  }
  return declaration;
}

const BOOLEAN = /^(?:1|0|true|false|yes|no|on|off|y|n|enabled|disabled)$/i;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Why a documented value would be refused, or `undefined` if it would be accepted. */
export function refusedValue(flag: DeclaredFlag, value: string): string | undefined {
  const refusal = `expected ${flag.accepts}`;
  if (flag.kind === "boolean") return BOOLEAN.test(value) ? undefined : refusal;
  if (flag.kind === "choice") return flag.choices.includes(value) ? undefined : refusal;
  if (flag.kind !== "number" && flag.kind !== "integer") return undefined;
  const number = Number(value);
  const whole = flag.kind === "number" || Number.isSafeInteger(number);
  const fits = NUMBER.test(value) && whole && number >= flag.min && number <= flag.max;
  return fits ? undefined : refusal;
}

/** A value the reader fills in: `<n>`, `$N`, `N`, `SECONDS`, `a|b`, `...`. */
function isOpenValue(word: Word, text: string): boolean {
  return word.expands || /[<>$…|]|\.\.\./.test(text) || /^[A-Z][A-Z0-9_]*$/.test(text);
}

/** What is accepted where no subcommand is named: the flags of all of them. */
function anyCommand(declaration: ScriptDeclaration): DeclaredCommand {
  const commands = [...declaration.values()];
  return {
    flags: new Map(commands.flatMap(({ flags }) => [...flags])),
    operands: Infinity,
  };
}

/** Compares documented arguments with a declaration, flag by flag. */
export function checkArguments(
  declaration: ScriptDeclaration,
  args: readonly Word[],
): ArgumentIssue[] {
  const [first] = args;
  const single = declaration.get("");
  if (single !== undefined) return checkFlags(single, args);
  if (first === undefined || isOpenValue(first, first.text)) return [];
  if (first.text.startsWith("-")) return checkFlags(anyCommand(declaration), args);
  const command = declaration.get(first.text);
  if (command !== undefined) return checkFlags(command, args.slice(1));
  const near = suggest(first.text, declaration.keys());
  return [{
    rule: "unknown_subcommand",
    word: first,
    message: `"${first.text}" is not a subcommand, expected one of ${
      [...declaration.keys()].join(", ")
    }`,
    ...(near === undefined ? {} : { suggestion: near }),
  }];
}

function checkFlags(command: DeclaredCommand, args: readonly Word[]): ArgumentIssue[] {
  const issues: ArgumentIssue[] = [];
  const operands: Word[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    if (word === undefined) break;
    if (word.text === "--" || /^(?:\.{3}|…)$/.test(word.text)) continue;
    const written = /^(?:\[?--)([A-Za-z0-9][\w-]*)(?:=([^]*?))?\]?$/.exec(word.text);
    if (written === null || word.quoted && !word.text.startsWith("--")) {
      if (!word.text.startsWith("-") || NUMBER.test(word.text)) operands.push(word);
      else issues.push(unknown(command, word, word.text));
      continue;
    }
    const [, name = "", value] = written;
    const flag = command.flags.get(name);
    if (flag === undefined) issues.push(unknown(command, word, `--${name}`));
    else if (value !== undefined) issues.push(...checkValue(flag, word, value));
    else if (flag.kind !== "boolean") issues.push(...checkNext(flag, word, args[++i]));
  }
  const extra = operands[command.operands];
  const misread = issues.some(({ rule }) => rule === "unknown_flag"); // its value looks like an operand
  if (extra !== undefined && !misread && !operands.some((word) => isOpenValue(word, word.text))) {
    issues.push({
      rule: "unexpected_argument",
      word: extra,
      message: `"${extra.text}" is one operand too many, at most ${command.operands} are accepted`,
    });
  }
  return issues;
}

function checkNext(flag: DeclaredFlag, word: Word, next: Word | undefined): ArgumentIssue[] {
  const missing = next === undefined || !next.quoted && /^--?[a-z]/i.test(next.text);
  if (!missing) return checkValue(flag, next, next.text);
  return [{
    rule: "flag_value_missing",
    word,
    message: `--${flag.name} has no value, expected ${flag.accepts}`,
  }];
}

function checkValue(flag: DeclaredFlag, word: Word, value: string): ArgumentIssue[] {
  const refusal = isOpenValue(word, value) && !flag.choices.includes(value)
    ? undefined
    : refusedValue(flag, value);
  if (refusal === undefined) return [];
  const near = suggest(value, flag.choices);
  return [{
    rule: "flag_value_invalid",
    word,
    message: `--${flag.name} does not accept "${value}", ${refusal}`,
    ...(near === undefined ? {} : { suggestion: near }),
  }];
}

function unknown(command: DeclaredCommand, word: Word, flag: string): ArgumentIssue {
  const near = suggest(flag.replace(/^-+/, ""), command.flags.keys());
  return {
    rule: "unknown_flag",
    word,
    message: `"${flag}" is not a flag of the script`,
    ...(near === undefined ? {} : { suggestion: `--${near}` }),
  };
}
