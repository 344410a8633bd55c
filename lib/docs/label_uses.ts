import type { MarkdownIndex } from "./markdown_index.ts";

/** Labels longer than this are prose; CommonMark allows 999. */
const LABEL_LIMIT = 200;

/**
 * Finds reference links that CommonMark left as plain text because no definition matched:
 * `[text][label]`, `[label][]`, `[label]` and `[^note]`.
 *
 * `cells[i][j]` in prose is not one: the first bracket must not touch a word.
 */
export function collectLabels(index: MarkdownIndex, raw: string, offset: number): void {
  if (!raw.includes("]")) return;
  const bracket = /\[([^[\]\\]*)\]|^\]|\]/g;
  let previous: { end: number; label: string; word: boolean } | undefined;
  for (let found = bracket.exec(raw); found !== null; found = bracket.exec(raw)) {
    const label = found[1];
    if (label === undefined) { // closes a bracket whose text holds code or emphasis
      previous = { end: bracket.lastIndex, label: "", word: false };
      continue;
    }
    if (label.length > LABEL_LIMIT) continue;
    const touches = /[\w)\]]/.test(raw[found.index - 1] ?? " ");
    const follows = previous !== undefined && previous.end === found.index;
    if (follows && previous !== undefined && !previous.word) {
      const full = label.trim() !== "";
      if (full || previous.label !== "") {
        if (previous.label !== "") index.labelUses.pop();
        add(index, full ? label : previous.label, "full", offset + found.index);
      }
      previous = undefined;
      continue;
    }
    const shortcut = !touches && label.trim() !== "" && raw[bracket.lastIndex] !== "(";
    if (shortcut) {
      add(index, label, label.startsWith("^") ? "footnote" : "shortcut", offset + found.index);
    }
    previous = { end: bracket.lastIndex, label, word: !shortcut };
  }
}

function add(
  index: MarkdownIndex,
  label: string,
  form: "full" | "shortcut" | "footnote",
  offset: number,
): void {
  index.labelUses.push({ ...index.lines.place(offset), label, form, plain: true });
}
