import type { MarkdownIndex } from "./markdown_index.ts";

/** Why the lines of a range are not judged. */
export type Exemption = "example" | "history";

interface Range {
  from: number;
  to: number;
  why: Exemption;
}

/** Headings under which a document tells what was, not what is. */
const HISTORY =
  /^(?:change ?log|changes|history|(?:release|version|document|revision|change) history|(?:past |previous )?releases|release notes|what's new|removed|obsolete|\[?v?\d+\.\d+(?:\.\d+)?[^\s\]]*\]?(?:\s*(?:[-–—(]|$).*)?|\[?unreleased\]?.*|\d{4}-\d{2}-\d{2})$/i;
const HISTORY_FILE =
  /(?:^|\/)(?:change(?:s|log)|history|news|releases?)(?:\.[\w-]+)?\.(?:md|markdown)$/i;

const EXAMPLE_COMMENT =
  /^(?:docs[-_ ]reality:?\s*)?(?:example|illustration|ignore(?:[- ]next)?)\b/i;
const OFF_COMMENT = /^docs[-_ ]reality:?[\s-]*(?:off|ignore[-_ ]start)\b/i;
const ON_COMMENT = /^docs[-_ ]reality:?[\s-]*(?:on|ignore[-_ ]end)\b/i;

function historyRanges(index: MarkdownIndex): Range[] {
  const ranges: Range[] = [];
  const { headings, lines } = index;
  for (const [i, heading] of headings.entries()) {
    if (!HISTORY.test(heading.text.trim())) continue;
    const next = headings.slice(i + 1).find((later) => later.depth <= heading.depth);
    ranges.push({ from: heading.line, to: (next?.line ?? lines.count + 1) - 1, why: "history" });
  }
  return ranges;
}

function markedRanges(index: MarkdownIndex): Range[] {
  const ranges: Range[] = [];
  let off: number | undefined;
  for (const comment of index.comments) {
    if (OFF_COMMENT.test(comment.text)) off ??= comment.line;
    else if (ON_COMMENT.test(comment.text)) {
      if (off !== undefined) ranges.push({ from: off, to: comment.line, why: "example" });
      off = undefined;
    } else if (EXAMPLE_COMMENT.test(comment.text) && comment.next !== undefined) {
      ranges.push({ ...comment.next, why: "example" });
    }
  }
  if (off !== undefined) ranges.push({ from: off, to: index.lines.count, why: "example" });
  return ranges;
}

/**
 * Tells which lines are exempt: blocks after `<!-- example -->`, what lies between
 * `<!-- docs-reality: off -->` and `on`, code blocks whose info string says `example`, sections
 * headed as history, and documents that are a change log as a whole.
 */
export function exemptLines(
  index: MarkdownIndex,
  path: string,
): (line: number) => Exemption | undefined {
  if (HISTORY_FILE.test(path)) return () => "history";
  const ranges = [...markedRanges(index), ...historyRanges(index)];
  for (const block of index.codeBlocks) {
    if (!/(?:^|[\s,{])example\b/i.test(`${block.language} ${block.meta}`)) continue;
    const to = block.firstLine + block.text.split("\n").length;
    ranges.push({ from: block.line, to, why: "example" });
  }
  if (ranges.length === 0) return () => undefined;
  return (line) => ranges.find(({ from, to }) => from <= line && line <= to)?.why;
}
