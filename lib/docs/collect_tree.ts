import { fromMarkdown } from "mdast-util-from-markdown";
import { frontmatterFromMarkdown } from "mdast-util-frontmatter";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { frontmatter } from "micromark-extension-frontmatter";
import { gfm } from "micromark-extension-gfm";
import type { Place } from "./line_table.ts";
import { collectHtml } from "./html_tags.ts";
import { collectLabels } from "./label_uses.ts";
import type { MarkdownIndex } from "./markdown_index.ts";
import { normalizeLabel } from "./normalize_label.ts";
import type { Chunk } from "./split_blocks.ts";

type Root = ReturnType<typeof fromMarkdown>;
type Nodes = Root | Root["children"][number];

const PLAIN = { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] };
/** Front matter is only front matter at the very start of a document. */
const FIRST = {
  extensions: [gfm(), frontmatter(["yaml", "toml"])],
  mdastExtensions: [gfmFromMarkdown(), frontmatterFromMarkdown(["yaml", "toml"])],
};

/** A node on its way through the tree. */
interface Step {
  node: Nodes;
  next: Nodes | undefined;
  linked: boolean;
}

/** The text GitHub derives a heading's anchor from: code and words, no images' targets, no HTML. */
function headingText(node: Nodes): string {
  if (node.type === "text" || node.type === "inlineCode") return node.value;
  if (node.type === "image" || node.type === "imageReference") return node.alt ?? "";
  if (node.type === "footnoteReference") return "";
  return "children" in node ? node.children.map(headingText).join("") : "";
}

/** Parses one chunk and adds what it says to the index. */
export function collectTree(index: MarkdownIndex, chunk: Chunk): void {
  const tree: Root = fromMarkdown(chunk.text, chunk.lineOffset === 0 ? FIRST : PLAIN);
  const base = index.lines.start(chunk.lineOffset + 1);
  const steps: Step[] = [{ node: tree, next: undefined, linked: false }];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    collectNode(index, step, base, chunk.text);
    if (!("children" in step.node)) continue;
    const { children } = step.node as { children: Nodes[] };
    const linked = step.linked || step.node.type === "link" || step.node.type === "linkReference";
    for (let i = children.length - 1; i >= 0; i--) {
      steps.push({ node: children[i] as Nodes, next: children[i + 1], linked });
    }
  }
}

function collectNode(index: MarkdownIndex, step: Step, base: number, text: string): void {
  const { node } = step;
  const start = node.position?.start.offset ?? 0;
  const raw = (): string => text.slice(start, node.position?.end.offset ?? start);
  const place = index.lines.place(base + start);
  switch (node.type) {
    case "heading":
      index.headings.push({ ...place, depth: node.depth, text: headingText(node), slug: "" });
      break;
    case "link":
      index.links.push({ kind: "link", url: node.url, ...targetPlace(index, raw(), base + start) });
      break;
    case "image":
      index.links.push({
        kind: "image",
        url: node.url,
        ...targetPlace(index, raw(), base + start),
      });
      break;
    case "definition": {
      index.definitions.set(normalizeLabel(node.label ?? node.identifier), place);
      const at = raw().indexOf("]:") + 2;
      const target = at + (/^\s*<?/.exec(raw().slice(at))?.[0].length ?? 0);
      index.links.push({
        kind: "definition",
        url: node.url,
        ...index.lines.place(base + start + target),
      });
      break;
    }
    case "linkReference":
    case "imageReference": {
      const form = node.referenceType === "full" ? "full" : "shortcut";
      index.labelUses.push({ ...place, label: node.label ?? node.identifier, form, plain: false });
      break;
    }
    case "footnoteDefinition":
      index.definitions.set(normalizeLabel(`^${node.identifier}`), place);
      break;
    case "footnoteReference":
      index.labelUses.push({
        ...place,
        label: `^${node.identifier}`,
        form: "footnote",
        plain: false,
      });
      break;
    case "inlineCode":
      collectSpan(index, step, raw(), base + start);
      break;
    case "code":
    case "yaml":
      collectCode(index, node, raw(), place);
      break;
    case "text":
      index.prose.push({ ...place, text: raw(), linked: step.linked });
      collectLabels(index, raw(), base + start);
      break;
    case "html":
      collectComment(index, step, raw(), base);
      break;
    case "table":
      index.tables++;
      break;
    default: // containers and breaks say nothing themselves
  }
}

/** Where a link's target is written: after the last `](`, which its text cannot contain unescaped. */
function targetPlace(index: MarkdownIndex, raw: string, offset: number): Place {
  const at = raw.lastIndexOf("](");
  const lead = at < 0 ? 0 : at + 2 + (/^\s*<?/.exec(raw.slice(at + 2))?.[0].length ?? 0);
  return index.lines.place(offset + lead);
}

function collectSpan(index: MarkdownIndex, step: Step, raw: string, offset: number): void {
  const ticks = /^`+/.exec(raw)?.[0].length ?? 0;
  const inner = raw.slice(ticks, raw.length - ticks);
  const lead = inner.length - inner.trimStart().length;
  index.codeSpans.push({
    ...index.lines.place(offset + ticks + lead),
    text: inner.trim().replaceAll("\\|", " |"), // a table cell escapes its pipes; same length
    linked: step.linked,
  });
}

function collectCode(
  index: MarkdownIndex,
  node: Extract<Nodes, { type: "code" | "yaml" }>,
  raw: string,
  place: Place,
): void {
  const fenced = node.type === "yaml" || /^(?:`{3}|~{3})/.test(raw);
  index.codeBlocks.push({
    ...place,
    language: node.type === "yaml" ? "yaml" : (node.lang ?? "").toLowerCase(),
    meta: node.type === "yaml" ? "" : node.meta ?? "",
    text: node.value,
    fenced,
    firstLine: fenced ? place.line + 1 : place.line,
  });
}

function collectComment(index: MarkdownIndex, step: Step, raw: string, base: number): void {
  const before = index.comments.length;
  collectHtml(index, raw, base + (step.node.position?.start.offset ?? 0));
  const last = index.comments.length > before ? index.comments.at(-1) : undefined;
  if (last === undefined || step.next?.position === undefined) return;
  last.next = {
    from: index.lines.place(base + (step.next.position.start.offset ?? 0)).line,
    to: index.lines.place(base + (step.next.position.end.offset ?? 0)).line,
  };
}
