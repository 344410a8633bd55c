import type { CommandJudgement, CommandUse } from "./command_place.ts";
import { commandText } from "./command_text.ts";
import { exemptLines, REMARKED, remarkOn } from "./exempt_lines.ts";
import { judgeCommands } from "./judge_command.ts";
import { judgeFlagMention } from "./judge_flag.ts";
import { judgeLabels, judgeLink } from "./judge_link.ts";
import {
  CAPITAL_NAME,
  ENVIRONMENT_NAME,
  judgeCapitals,
  judgeEnvironment,
  judgeEnvironmentValue,
  judgeStep,
} from "./judge_name.ts";
import { judgePathToken, type Strength } from "./judge_path.ts";
import type { Judgement } from "./judgement.ts";
import { LineTable, type Place } from "./line_table.ts";
import { type CodeBlock, type MarkdownIndex, placesOf, type Run } from "./markdown_index.ts";
import { isRunner, isScriptWord } from "./read_command.ts";
import type { DocumentPlace, Facts, Reference } from "./reference.ts";

/** What a document claims and which of it is true. */
export interface DocumentJudgement {
  path: string;
  references: Reference[];
  commands: CommandUse[];
}

/** Languages whose text is data about files rather than a program. */
const DATA = new Set([
  "json",
  "jsonc",
  "json5",
  "yaml",
  "yml",
  "toml",
  "ini",
  "conf",
  "env",
  "properties",
  "dotenv",
]);
/** Languages whose text is another document or a difference between two. */
const QUOTED = new Set(["md", "markdown", "mdx", "diff", "patch"]);

/** The values of a data block: comments and punctuation blanked, every offset kept. */
function dataText({ language, text }: CodeBlock): string {
  const comment = language.startsWith("json") ? /(?<=^|\s)\/\/[^\n]*/g : /(?<=^|\s)[#;][^\n]*/g;
  return text.replace(comment, (part) => " ".repeat(part.length)).replaceAll(/["',[\]]/g, " ");
}

/** Walks one document and collects judgements; a class because all parts add to one list. */
class DocumentJudge {
  readonly references: Reference[] = [];
  readonly commands: CommandUse[] = [];
  readonly #doc: DocumentPlace;
  #script: string | undefined;

  constructor(path: string, readonly index: MarkdownIndex, readonly facts: Facts) {
    this.#doc = { path, folder: path.slice(0, Math.max(0, path.lastIndexOf("/"))) };
  }

  add(judgement: Judgement | undefined, raw: string, place: Place): void {
    if (judgement !== undefined) {
      this.references.push({ ...judgement, raw, line: place.line, column: place.column });
    }
  }

  links(): void {
    for (const link of this.index.links) {
      this.add(judgeLink(link, this.#doc, this.facts), link.url, link);
    }
    for (const { use, judgement } of judgeLabels(this.index)) this.add(judgement, use.label, use);
  }

  prose(run: Run): void {
    if (run.linked && /:\/\//.test(run.text)) return;
    const place = placesOf(run);
    this.#tokens(run.text, "prose", place);
    this.#environment(run.text, place);
  }

  span(span: Run): void {
    const text = span.text.replaceAll(/[\r\n]/g, " ");
    const place = placesOf(span);
    this.#environment(text, place);
    if (/^--?[A-Za-z]/.test(text)) {
      return this.add(judgeFlagMention(text, this.#script, this.facts), text, span);
    }
    if (this.#isStep(span)) return this.add(judgeStep(text, this.facts), text, span);
    const [first = ""] = text.replace(/^\$\s+/, "").split(/\s/, 1);
    if (/\s/.test(text)) {
      if (this.#startsCommand(text, first)) {
        this.#command(text.replace(/^\$(?=\s)/, " "), "posix", place);
      } else this.#tokens(text, "prose", place);
      return;
    }
    this.add(judgePathToken(text, "span", this.#doc, this.facts), text, span);
    if (isScriptWord(first) && this.facts.repository.files.has(first)) this.#script = first;
  }

  #startsCommand(text: string, first: string): boolean {
    if (isRunner(first) || isScriptWord(first)) return true;
    return /^(?:[A-Za-z_]\w*=\S*\s+)+\S/.test(text) || /^(?:cd|export|set|\$env:\w+)\b/.test(text);
  }

  block(block: CodeBlock): void {
    if (QUOTED.has(block.language)) return;
    const inside = new LineTable(block.text);
    const place = (offset: number): Place => {
      const { line, column } = inside.place(offset);
      const written = this.index.lines.line(block.firstLine + line - 1);
      const shift = Math.max(0, written.indexOf(inside.line(line)));
      return { line: block.firstLine + line - 1, column: shift + column };
    };
    this.#environment(block.text, place);
    const shell = commandText(block);
    if (shell !== undefined) this.#command(shell.text, shell.dialect, place);
    if (DATA.has(block.language)) {
      this.#tokens(dataText(block), "prose", place);
    }
  }

  #command(
    text: string,
    dialect: Parameters<typeof judgeCommands>[1],
    place: (offset: number) => Place,
  ): void {
    const judged: CommandJudgement = judgeCommands(text, dialect, {
      doc: this.#doc,
      facts: this.facts,
      place,
    });
    this.references.push(...judged.references);
    this.commands.push(...judged.commands);
    this.#script = judged.script ?? this.#script;
  }

  #tokens(text: string, strength: Strength, place: (offset: number) => Place): void {
    const token = /[^\s"“”‘’`]+/g;
    for (let found = token.exec(text); found !== null; found = token.exec(text)) {
      if (!/[/.\\]/.test(found[0])) continue;
      const judgement = judgePathToken(found[0], strength, this.#doc, this.facts);
      if (judgement === undefined) continue;
      const lead = /^[(["']*/.exec(found[0])?.[0].length ?? 0;
      this.add(judgement, found[0].slice(lead), place(found.index + lead));
    }
  }

  #environment(text: string, place: (offset: number) => Place): void {
    if (/[WA][A-Z0-9_]{9}/.test(text)) {
      for (const found of text.matchAll(CAPITAL_NAME)) {
        this.add(judgeCapitals(found[0], this.facts), found[0], place(found.index));
      }
    }
    if (!text.includes("WA_")) return;
    for (const found of text.matchAll(ENVIRONMENT_NAME)) {
      const name = found[0];
      this.add(judgeEnvironment(name, this.facts), name, place(found.index));
      const value = /^=(?:"([^"]*)"|'([^']*)'|([^\s"'`),;|]+))/.exec(
        text.slice(found.index + name.length, found.index + name.length + 200),
      );
      if (value === null) continue;
      const given = value[1] ?? value[2] ?? value[3] ?? "";
      this.add(
        judgeEnvironmentValue(name, given, this.facts),
        `${name}=${given}`,
        place(found.index),
      );
    }
  }

  #isStep(span: Run): boolean {
    if (!/^[a-z][a-z0-9_]*$/.test(span.text)) return false;
    const before = this.index.lines.line(span.line).slice(0, Math.max(0, span.column - 1));
    return /\bstep[ _]ids?\s*:?\s*`*$/i.test(before);
  }
}

/** Says for a failed reference why it does not count: by its section, its block or its line. */
function excuses(
  index: MarkdownIndex,
  path: string,
): (reference: Reference) => Reference["status"] {
  const exempt = exemptLines(index, path);
  const remarks = new Map<number, ReturnType<typeof remarkOn>>();
  return ({ line, kind }) => {
    const why = exempt(line);
    if (why !== undefined || !REMARKED.has(kind)) return why ?? "failed";
    if (!remarks.has(line)) remarks.set(line, remarkOn(index.lines.line(line)));
    return remarks.get(line) ?? "failed";
  };
}

/** Compares everything a document claims with the repository. Pure: same index and facts, same answer. */
export function judgeDocument(path: string, index: MarkdownIndex, facts: Facts): DocumentJudgement {
  const judge = new DocumentJudge(path, index, facts);
  judge.links();
  for (const run of index.prose) judge.prose(run);
  const code = [...index.codeSpans, ...index.codeBlocks].sort((a, b) =>
    a.line - b.line || a.column - b.column
  );
  for (const part of code) "firstLine" in part ? judge.block(part) : judge.span(part);
  const excuse = excuses(index, path);
  for (const reference of judge.references) {
    if (reference.status === "failed") reference.status = excuse(reference);
  }
  return { path, references: unique(judge.references), commands: judge.commands };
}

/** One reference per place and rule, in document order. */
function unique(references: Reference[]): Reference[] {
  const seen = new Set<string>();
  return references
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .filter((reference) => {
      const key = `${reference.line}:${reference.column}:${reference.kind}:${
        reference.rule ?? ""
      }:${reference.raw}`;
      return !seen.has(key) && seen.add(key) !== undefined;
    });
}
