import GithubSlugger from "github-slugger";
import { LineTable, type Place } from "./line_table.ts";
import { collectTree } from "./collect_tree.ts";
import { LineScanner } from "./scan_lines.ts";
import { splitBlocks } from "./split_blocks.ts";

/** Source text with the place of its first character; a line end in it moves to the next line. */
export interface Run extends Place {
  text: string;
  /** True inside the text of a link, where the target says what is meant. */
  linked: boolean;
}

export interface Heading extends Place {
  depth: number;
  text: string;
  /** The anchor GitHub gives the heading, unique in the document. */
  slug: string;
}

export type LinkKind = "link" | "image" | "definition" | "html";

export interface Link extends Place {
  kind: LinkKind;
  url: string;
}

/** `[text][label]` or `[label]`. `plain` means the parser saw no definition in the same chunk. */
export interface LabelUse extends Place {
  label: string;
  form: "full" | "shortcut" | "footnote";
  plain: boolean;
}

/** A fenced or indented code block, or front matter. */
export interface CodeBlock extends Place {
  /** First word of the info string, lower case; empty when there is none. */
  language: string;
  /** The rest of the info string. */
  meta: string;
  text: string;
  fenced: boolean;
  /** Document line of the first content line; content line i lies at `firstLine + i`. */
  firstLine: number;
}

export interface HtmlComment extends Place {
  text: string;
  endLine: number;
  /** Lines of the block that follows the comment, if any. */
  next?: { from: number; to: number };
}

/** Everything a document claims, with places. */
export interface MarkdownIndex {
  lines: LineTable;
  headings: Heading[];
  /** Ids that `#fragment` may name: heading slugs, `id` and `name` attributes. */
  anchors: Set<string>;
  links: Link[];
  definitions: Map<string, Place>;
  labelUses: LabelUse[];
  codeSpans: Run[];
  codeBlocks: CodeBlock[];
  prose: Run[];
  comments: HtmlComment[];
  tables: number;
  /** Parts read line by line because parsing them would not be linear. */
  limited: { line: number; reason: string }[];
}

/** Tells where the characters of a run lie in the document. */
export function placesOf(run: Pick<Run, "text" | "line" | "column">): (index: number) => Place {
  let table: LineTable | undefined;
  return (index) => {
    table ??= new LineTable(run.text);
    const { line, column } = table.place(index);
    return line === 1
      ? { line: run.line, column: run.column + index }
      : { line: run.line + line - 1, column };
  };
}

function emptyIndex(text: string): MarkdownIndex {
  return {
    lines: new LineTable(text),
    headings: [],
    anchors: new Set(),
    links: [],
    definitions: new Map(),
    labelUses: [],
    codeSpans: [],
    codeBlocks: [],
    prose: [],
    comments: [],
    tables: 0,
    limited: [],
  };
}

/**
 * Reads a Markdown document (CommonMark with GFM and YAML front matter) into an index.
 *
 * Time is linear in the text and memory is that of the index: blocks are parsed one chunk at a
 * time, and a chunk the parser could not read in linear time is read line by line instead, which
 * `limited` tells.
 */
export function indexMarkdown(text: string): MarkdownIndex {
  const index = emptyIndex(text);
  const scanner = new LineScanner(index);
  for (const chunk of splitBlocks(text)) {
    if (chunk.tooCostly === undefined) {
      collectTree(index, chunk);
      continue;
    }
    if (index.limited.at(-1)?.reason !== chunk.tooCostly) {
      index.limited.push({ line: chunk.lineOffset + 1, reason: chunk.tooCostly });
    }
    scanner.read(chunk);
  }
  const slugger = new GithubSlugger();
  for (const heading of index.headings) {
    heading.slug = slugger.slug(heading.text);
    index.anchors.add(heading.slug);
  }
  return index;
}
