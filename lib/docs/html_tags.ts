import type { MarkdownIndex } from "./markdown_index.ts";

/**
 * Takes targets (`href`, `src`), anchors (`id`, `name`) and comments out of a piece of HTML.
 *
 * @param offset Offset of the piece in the document.
 */
export function collectHtml(index: MarkdownIndex, html: string, offset: number): void {
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) return;
    if (html.startsWith("<!--", open)) {
      const close = html.indexOf("-->", open + 4);
      const end = close < 0 ? html.length : close + 3;
      index.comments.push({
        ...index.lines.place(offset + open),
        text: html.slice(open + 4, close < 0 ? end : close).trim(),
        endLine: index.lines.place(offset + end - 1).line,
      });
      at = end;
      continue;
    }
    const close = html.indexOf(">", open);
    const end = close < 0 ? html.length : close + 1;
    collectAttributes(index, html.slice(open, end), offset + open);
    at = end;
  }
}

function collectAttributes(index: MarkdownIndex, tag: string, offset: number): void {
  const attributes = /\s(href|src|id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))/gi;
  for (let found = attributes.exec(tag); found !== null; found = attributes.exec(tag)) {
    const name = (found[1] ?? "").toLowerCase();
    const value = found[2] ?? found[3] ?? found[4] ?? "";
    if (name === "id" || name === "name") index.anchors.add(value);
    else {
      const start = offset + found.index + found[0].indexOf(value, found[0].indexOf("="));
      index.links.push({ kind: "html", url: value, ...index.lines.place(start) });
    }
  }
}
