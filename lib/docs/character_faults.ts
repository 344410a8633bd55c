import type { TextFault, TextRule } from "./text_fault.ts";
import type { LineTable } from "./line_table.ts";

/** Characters that must not stand in a text, or only in certain company. */
const SUSPECT =
  /[\uFFFD\u0080-\u009f\u202a-\u202e\u2066-\u2069\u200b-\u200d\u2060\ufeff\u180e\ufdd0-\ufdef\ue000-\uf8ff]|[\u{e0000}-\u{e007f}]|[\u{f0000}-\u{10ffff}]|[\ud800-\udfff]|\p{Noncharacter_Code_Point}/gu;

/** Scripts that shape their letters with ZWJ and ZWNJ, or part words with U+200B. */
const JOINING =
  /[\u0600-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc\u3040-\u30ff\u4e00-\u9fff]/;
const EMOJI = /\p{Extended_Pictographic}|[\ufe0f\u{1f3fb}-\u{1f3ff}]/u;

const MESSAGES: Partial<Record<TextRule, string>> = {
  replacement_char: "U+FFFD stands where a character was lost",
  c1_control: "a C1 control character, the trace of a byte read as Latin-1",
  bidi_control:
    "a bidirectional control, which can make text read differently from what it is (CVE-2021-42574)",
  zero_width: "an invisible character",
  noncharacter: "a code point that is no character",
  private_use: "a private-use character, which has no agreed meaning",
};

function ruleOf(point: number): TextRule {
  if (point === 0xfffd) return "replacement_char";
  if (point >= 0x80 && point <= 0x9f) return "c1_control";
  if (point >= 0x202a && point <= 0x202e || point >= 0x2066 && point <= 0x2069) {
    return "bidi_control";
  }
  if (point >= 0xe000 && point <= 0xf8ff) return "private_use";
  if (
    (point & 0xfffe) === 0xfffe || point >= 0xfdd0 && point <= 0xfdef ||
    point >= 0xd800 && point <= 0xdfff
  ) return "noncharacter";
  return point >= 0xf0000 ? "private_use" : "zero_width";
}

/** Joiners inside words of joining scripts and inside emoji, and tags that spell a flag, are text. */
function isAtHome(text: string, at: number, length: number, point: number): boolean {
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? "";
  const after = String.fromCodePoint(text.codePointAt(at + length) ?? 0x20);
  if (point === 0x200c || point === 0x200d || point === 0x200b || point === 0x2060) {
    if (JOINING.test(before) || JOINING.test(after)) return true;
    return point === 0x200d && EMOJI.test(before) && EMOJI.test(after);
  }
  if (point === 0xfffd) return /[`'"]/.test(before) && /[`'"]/.test(after); // named, not lost
  if (point < 0xe0020 || point > 0xe007f) return false;
  const run = /\u{1f3f4}[\u{e0020}-\u{e007f}]*$/u.test(text.slice(Math.max(0, at - 40), at));
  return run;
}

/** Finds lost, control, invisible and unassigned characters; one fault for each line and rule. */
export function characterFaults(text: string, lines: LineTable): Omit<TextFault, "byteOffset">[] {
  const faults = new Map<string, Omit<TextFault, "byteOffset">>();
  for (const found of text.matchAll(SUSPECT)) {
    const point = found[0].codePointAt(0) ?? 0;
    if (isAtHome(text, found.index, found[0].length, point)) continue;
    const rule = ruleOf(point);
    const place = lines.place(found.index);
    const key = `${place.line}:${rule}`;
    const known = faults.get(key);
    if (known !== undefined) known.count++;
    else {
      const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
      faults.set(key, { ...place, rule, count: 1, message: `${code}: ${MESSAGES[rule]}` });
    }
  }
  return [...faults.values()];
}

/** Line ends of more than one kind; the fault stands at the first line that differs. */
export function lineEndFault(
  text: string,
  lines: LineTable,
): Omit<TextFault, "byteOffset"> | undefined {
  const counts = new Map<string, { count: number; first: number }>();
  for (const found of text.matchAll(/\r\n|\n|\r/g)) {
    const known = counts.get(found[0]);
    if (known === undefined) counts.set(found[0], { count: 1, first: found.index });
    else known.count++;
  }
  if (counts.size < 2) return undefined;
  const names = new Map([["\r\n", "CRLF"], ["\n", "LF"], ["\r", "CR"]]);
  const ranked = [...counts].sort((a, b) => b[1].count - a[1].count);
  const rare = ranked.slice(1).reduce((sum, [, { count }]) => sum + count, 0);
  const first = Math.min(...ranked.slice(1).map(([, entry]) => entry.first));
  const said = ranked.map(([end, { count }]) => `${count} ${names.get(end)}`).join(", ");
  return {
    ...lines.place(first),
    rule: "mixed_line_ends",
    count: rare,
    message: `line ends differ: ${said}`,
  };
}
