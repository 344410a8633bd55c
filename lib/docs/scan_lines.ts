import { collectHtml } from "./html_tags.ts";
import type { CodeBlock, MarkdownIndex } from "./markdown_index.ts";
import { normalizeLabel } from "./normalize_label.ts";
import type { Chunk } from "./split_blocks.ts";

/** Longest destination and label looked for; keeps every pattern linear in the line. */
const INLINE_LINK =
  /(!?)\[[^[\]]{0,400}\]\(\s{0,20}<?([^\s()<>]{1,2000})>?(?:\s{1,20}"[^"]{0,400}")?\s{0,20}\)/g;
const DEFINITION = /^ {0,3}\[([^[\]]{1,200})\]:\s{0,20}<?([^\s<>]{1,2000})>?/;
const REFERENCE = /\]\[([^[\]]{1,200})\]/g;

/** Characters of a line that inline constructs are looked for in. */
const LINE_LIMIT_CHARS = 1 << 20;

/**
 * Reads Markdown one line at a time, in linear time on any input: headings, fences, definitions,
 * comments, and the links and code spans that begin and end on one line.
 *
 * It stands in for the CommonMark parser where that would not be linear, so it errs on the side of
 * seeing a claim: a link inside indented code is still a link here.
 */
export class LineScanner {
  readonly #index: MarkdownIndex;
  #fence: { marker: string; length: number; block: CodeBlock; lines: string[] } | undefined;
  #comment = false;

  constructor(index: MarkdownIndex) {
    this.#index = index;
  }

  /** Reads one chunk; a fence left open at its end stays open for the next one. */
  read(chunk: Chunk): void {
    const from = chunk.lineOffset + 1;
    const { lines } = this.#index;
    const end = lines.start(from) + chunk.text.length;
    for (let line = from; line <= lines.count && lines.start(line) < end; line++) {
      this.#readLine(line, lines.line(line));
    }
    if (this.#fence !== undefined && end >= lines.text.length) this.#close();
  }

  #readLine(line: number, text: string): void {
    const fence = /^[\s>]{0,100}(`{3,}|~{3,})(.*)$/.exec(text);
    if (this.#fence !== undefined) return this.#readFence(text, fence);
    if (this.#comment) {
      this.#comment = !text.includes("-->");
      return;
    }
    if (fence !== null && !(fence[1]?.startsWith("`") && fence[2]?.includes("`"))) {
      return this.#open(line, text, fence[1] ?? "", (fence[2] ?? "").trim());
    }
    const heading = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/.exec(text.slice(0, 2_000));
    if (heading !== null) {
      const title = (heading[2] ?? "").replaceAll(/[`*]|!?\[([^[\]]*)\]\([^()]*\)/g, "$1");
      const depth = heading[1]?.length ?? 1;
      this.#index.headings.push({ line, column: 1, depth, text: title, slug: "" });
    }
    this.#readInline(line, text.slice(0, LINE_LIMIT_CHARS));
  }

  #open(line: number, text: string, run: string, info: string): void {
    const [language = "", ...meta] = info.split(/\s+/);
    const block: CodeBlock = {
      line,
      column: text.indexOf(run) + 1,
      language: language.toLowerCase(),
      meta: meta.join(" "),
      text: "",
      fenced: true,
      firstLine: line + 1,
    };
    this.#fence = { marker: run[0] ?? "", length: run.length, block, lines: [] };
  }

  #readFence(text: string, fence: RegExpExecArray | null): void {
    if (this.#fence === undefined) return;
    const run = fence?.[1] ?? "";
    const closes = run.startsWith(this.#fence.marker) && run.length >= this.#fence.length;
    if (closes && fence?.[2]?.trim() === "") this.#close();
    else this.#fence.lines.push(text);
  }

  #close(): void {
    if (this.#fence === undefined) return;
    this.#fence.block.text = this.#fence.lines.join("\n");
    this.#index.codeBlocks.push(this.#fence.block);
    this.#fence = undefined;
  }

  #readInline(line: number, text: string): void {
    const index = this.#index;
    if (/^\s*\|?[\s:|-]+\|[\s:|-]*$/.test(text.slice(0, 2_000)) && text.includes("-")) {
      index.tables++;
    }
    const prose = this.#takeCode(line, text);
    const definition = DEFINITION.exec(prose);
    if (definition !== null) {
      const [whole, label = "", url = ""] = definition;
      index.definitions.set(normalizeLabel(label), { line, column: 1 });
      index.links.push({ kind: "definition", url, line, column: whole.lastIndexOf(url) + 1 });
      return;
    }
    if (prose.includes("<")) {
      const comments = index.comments.length;
      collectHtml(index, prose, index.lines.start(line));
      if (index.comments.length > comments && !prose.includes("-->", prose.lastIndexOf("<!--"))) {
        this.#comment = true;
      }
    }
    this.#readLinks(line, prose);
    index.prose.push({ line, column: 1, text: prose, linked: false });
  }

  #readLinks(line: number, prose: string): void {
    if (!prose.includes("]")) return;
    for (const found of prose.matchAll(INLINE_LINK)) {
      const url = found[2] ?? "";
      const column = found.index + found[0].lastIndexOf(url) + 1;
      this.#index.links.push({ kind: found[1] === "!" ? "image" : "link", url, line, column });
    }
    for (const found of prose.matchAll(REFERENCE)) {
      const label = found[1] ?? "";
      const column = found.index + 2;
      this.#index.labelUses.push({ line, column, label, form: "full", plain: true });
    }
  }

  /** Moves the code spans of a line to the index and returns the line with blanks in their place. */
  #takeCode(line: number, text: string): string {
    if (!text.includes("`")) return text;
    const runs = [...text.matchAll(/`+/g)];
    const following = nextOfLength(runs.map((run) => run[0].length));
    let prose = "";
    let at = 0;
    for (let i = 0; i < runs.length; i++) {
      const close = following[i];
      const start = runs[i]?.index ?? 0;
      if (close === undefined || start < at) continue;
      const length = runs[i]?.[0].length ?? 0;
      const inner = text.slice(start + length, runs[close]?.index);
      const lead = inner.length - inner.trimStart().length;
      const column = start + length + lead + 1;
      this.#index.codeSpans.push({ line, column, text: inner.trim(), linked: false });
      const end = (runs[close]?.index ?? 0) + length;
      prose += text.slice(at, start) + " ".repeat(end - start);
      at = end;
    }
    return prose + text.slice(at);
  }
}

/** For each backtick run, the index of the next run of the same length. */
function nextOfLength(lengths: number[]): (number | undefined)[] {
  const seen = new Map<number, number>();
  const next: (number | undefined)[] = new Array(lengths.length).fill(undefined);
  for (let i = lengths.length - 1; i >= 0; i--) {
    const length = lengths[i] ?? 0;
    next[i] = seen.get(length);
    seen.set(length, i);
  }
  return next;
}
