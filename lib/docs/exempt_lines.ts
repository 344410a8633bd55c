import type { MarkdownIndex } from "./markdown_index.ts";
import type { ReferenceKind } from "./reference.ts";

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
    let next = i + 1;
    while ((headings[next]?.depth ?? 0) > heading.depth) next++;
    const to = (headings[next]?.line ?? lines.count + 1) - 1;
    ranges.push({ from: heading.line, to, why: "history" });
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
  const byLine = new Map<number, Exemption>();
  for (const { from, to, why } of ranges) {
    for (let line = from; line <= to; line++) byLine.set(line, why);
  }
  return (line) => byLine.get(line);
}

/** The line says itself that the thing is gone. */
const GONE =
  /\b(?:no longer exists?|(?:was|were|been) (?:removed|deleted|renamed|moved|replaced)|formerly|used to be)\b/i;
/** The line speaks of another repository, by a word for it or by its `owner/name`. */
const ELSEWHERE =
  /\b(?:(?:an?other|upstream|downstream|external|sibling|third-party|their) (?:[\w-]+ )?(?:repo(?:sitory|sitories)?|project|checkout)s?)\b|\b(?:repo(?:sitory)?|project) [`[*]*[\w.-]+\/[\w.-]+|[`[*]*\b[\w.-]+\/[\w.-]+[`\]*]*(?:\([^)]*\))? (?:repo(?:sitory)?|project)\b/i;
const LONGEST_REMARK_LINE = 2_000;

/** Kinds of references that a remark on their line excuses. */
export const REMARKED: ReadonlySet<ReferenceKind> = new Set(["path", "glob", "command"]);

/** What a line itself says about the paths on it: that they are gone, or elsewhere. */
export function remarkOn(line: string): Exemption | "unverified" | undefined {
  if (line.length > LONGEST_REMARK_LINE) return undefined;
  if (GONE.test(line)) return "history";
  return ELSEWHERE.test(line) ? "unverified" : undefined;
}
