import { type Placeholder, SUPPORTED_PLACEHOLDERS } from "../policy/traffic_placeholders.ts";

/** A piece of an argument: literal text, or a name whose value stands there. */
export type TemplatePart<P extends string = Placeholder> = { text: string } | { placeholder: P };

/** An argument list with places for values; a value never makes a second argument. */
export interface CommandTemplate<P extends string> {
  arguments: TemplatePart<P>[][];
  /** Names used, sorted, each once. */
  placeholders: P[];
}

/** A command that moves or observes traffic. */
export type TrafficTemplate = CommandTemplate<Placeholder>;

/** What is wrong with a template, and where. */
export interface TemplateFault {
  /** From 1; counts UTF-16 code units. */
  column: number;
  message: string;
}

/** A template that cannot be used. */
export class TemplateError extends Error {
  override name = "TemplateError";
  constructor(readonly fault: TemplateFault) {
    super(`Cannot read command template: column ${fault.column}: ${fault.message}`);
  }
}

/** Would mean something to a shell; there is none, so whoever wrote it is mistaken. */
const SHELL_OPERATORS = "|&;<>()`$*?!\n";

function fail(at: number, message: string): never {
  throw new TemplateError({ column: at + 1, message });
}

/** Reads `{name}` at `at`; anything else between braces is refused. */
function readPlaceholder<P extends string>(
  source: string,
  at: number,
  names: readonly P[],
): { placeholder: P; end: number } {
  const close = source.indexOf("}", at);
  if (close < 0) fail(at, "{ has no }");
  const name = source.slice(at + 1, close);
  if (name === "") fail(at, "{} names no placeholder");
  const strange = /[^a-z0-9_]/i.exec(name);
  if (strange !== null) {
    fail(at + 1 + strange.index, `"${strange[0]}" is not allowed inside { }`);
  }
  const known = names.find((placeholder) => placeholder === name);
  if (known === undefined) fail(at + 1, `unknown placeholder "${name}"`);
  return { placeholder: known, end: close + 1 };
}

/** Splits like a POSIX shell quotes words, without expanding anything. */
class Tokeniser<P extends string> {
  readonly #words: TemplatePart<P>[][] = [];
  #word: TemplatePart<P>[] | null = null;
  #quote: { mark: "'" | '"'; at: number } | null = null;

  constructor(readonly source: string, readonly names: readonly P[]) {}

  #push(part: TemplatePart<P>): void {
    this.#word ??= [];
    const last = this.#word.at(-1);
    if ("text" in part && last !== undefined && "text" in last) last.text += part.text;
    else this.#word.push(part);
  }

  #endWord(): void {
    if (this.#word !== null) this.#words.push(this.#word);
    this.#word = null;
  }

  /** Braces mean the same inside and outside quotes. Returns where to go on. */
  #brace(at: number): number {
    const { source } = this;
    const character = source.charAt(at);
    if (source.charAt(at + 1) === character) {
      this.#push({ text: character });
      return at + 2;
    }
    if (character === "}") fail(at, "} has no {; write }} for a literal brace");
    const { placeholder, end } = readPlaceholder(source, at, this.names);
    this.#push({ placeholder });
    return end;
  }

  #backslash(at: number): number {
    const next = this.source.charAt(at + 1);
    if (next === "") fail(at, "\\ ends the template");
    const literal = this.#quote?.mark === '"' && next !== '"' && next !== "\\";
    this.#push({ text: literal ? `\\${next}` : next });
    return at + 2;
  }

  #character(at: number): number {
    const character = this.source.charAt(at);
    if (character === "\0") fail(at, "NUL is not allowed");
    if (character === "{" || character === "}") return this.#brace(at);
    if (character === "\\" && this.#quote?.mark !== "'") return this.#backslash(at);
    if (this.#quote !== null) {
      if (character === this.#quote.mark) this.#quote = null;
      else this.#push({ text: character });
    } else if (character === "'" || character === '"') {
      this.#quote = { mark: character, at };
      this.#push({ text: "" });
    } else if (SHELL_OPERATORS.includes(character)) {
      fail(at, `"${character}" has no meaning without a shell; quote it if it is meant literally`);
    } else if (/\s/.test(character)) this.#endWord();
    else this.#push({ text: character });
    return at + 1;
  }

  run(): TemplatePart<P>[][] {
    for (let at = 0; at < this.source.length;) at = this.#character(at);
    if (this.#quote !== null) fail(this.#quote.at, `${this.#quote.mark} is not closed`);
    this.#endWord();
    return this.#words;
  }
}

/**
 * Reads a command template: words split first, `{name}` found inside each. `{{` and `}}` stand for
 * braces. There are no other rules: no attributes, indexes, conversions or widths.
 *
 * @param names Every placeholder there is.
 * @throws {TemplateError} With the column of what is wrong.
 */
export function parseCommandTemplate<P extends string>(
  source: string,
  names: readonly P[],
): CommandTemplate<P> {
  const words = new Tokeniser(source, names).run();
  const [program] = words;
  if (program === undefined) throw new TemplateError({ column: 1, message: "it is blank" });
  if (program.some((part) => "placeholder" in part)) {
    throw new TemplateError({ column: 1, message: "the program must not be a placeholder" });
  }
  const used = words.flat().flatMap((part) => "placeholder" in part ? [part.placeholder] : []);
  return { arguments: words, placeholders: [...new Set(used)].sort() };
}

/**
 * Reads a template of a command that moves or observes traffic.
 *
 * @throws {TemplateError} With the column of what is wrong.
 */
export function parseTrafficTemplate(source: string): TrafficTemplate {
  return parseCommandTemplate(source, SUPPORTED_PLACEHOLDERS);
}

/** A template given as a list of arguments, for contracts that need no quoting. */
export function templateFromList(list: readonly string[]): TrafficTemplate {
  return parseTrafficTemplate(list.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" "));
}
