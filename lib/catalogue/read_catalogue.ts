import { fromMarkdown } from "mdast-util-from-markdown";

type Root = ReturnType<typeof fromMarkdown>;
type Node = Root["children"][number];
type List = Extract<Node, { type: "list" }>;

/** What the catalogue for people says about one artifact. */
export interface CatalogueSection {
  id: string;
  /** Line of the heading, from 1. */
  line: number;
  /** Code spans after "Artifact glob"; a section has one. */
  globs: string[];
  /** Code spans at the start of the items under "Required fields". */
  fields: string[];
}

function textOf(node: unknown): string {
  const { value, children } = node as { value?: string; children?: unknown[] };
  return value ?? children?.map(textOf).join("") ?? "";
}

/** Code spans of a node itself, without those of lists inside it. */
function codeSpans(node: unknown): string[] {
  const { type, value, children = [] } = node as {
    type: string;
    value?: string;
    children?: unknown[];
  };
  if (type === "inlineCode") return [value ?? ""];
  return type === "list" ? [] : children.flatMap(codeSpans);
}

function readList(section: CatalogueSection, list: List): void {
  for (const item of list.children) {
    const [first] = item.children;
    const title = textOf(first).trim().toLowerCase();
    if (title.startsWith("artifact glob")) section.globs.push(...codeSpans(first));
    if (!title.startsWith("required fields")) continue;
    for (const child of item.children) {
      if (child.type !== "list") continue;
      section.fields.push(...child.children.flatMap((row) => codeSpans(row).slice(0, 1)));
    }
  }
}

/**
 * Reads the catalogue: a level-2 heading is an artifact's id; in its section the item "Artifact
 * glob" holds a code span, and each item under "Required fields" begins with one.
 */
export function readCatalogue(markdown: string): CatalogueSection[] {
  const sections: CatalogueSection[] = [];
  let current: CatalogueSection | undefined;
  for (const node of fromMarkdown(markdown).children) {
    if (node.type === "heading") {
      current = undefined;
      if (node.depth !== 2) continue;
      const line = node.position?.start.line ?? 1;
      current = { id: textOf(node).trim(), line, globs: [], fields: [] };
      sections.push(current);
    } else if (node.type === "list" && current !== undefined) readList(current, node);
  }
  return sections;
}
