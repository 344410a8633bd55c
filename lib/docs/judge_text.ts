import { decodeStrictly } from "./byte_faults.ts";
import { characterFaults, lineEndFault } from "./character_faults.ts";
import { LineTable } from "./line_table.ts";
import { findMojibake } from "./mojibake.ts";
import type { TextFault } from "./text_fault.ts";

/** Characters that frequent Chinese UTF-8 sequences turn into when they are read as GBK. */
const HINTS = /[锟鈥锛銆鏄鍙鍚鍦鍐鍑鎴闂瑙鏃绗澶]/g;

/** Code is quoted, so a document that explains these characters does not count as garbled. */
const CODE = /^ {0,3}(`{3,}|~{3,})[^\n]*\n[^]*?(?:^ {0,3}\1|(?![^]))|`[^`\n]*`/gm;

/** Everything that was measured on one file. */
export interface TextJudgement {
  faults: TextFault[];
  /** Whether the bytes are UTF-8. */
  decoded: boolean;
  /** Occurrences of 16 characters that are typical of UTF-8 read as GBK. */
  hintCount: number;
  /** Code points that are not white space. */
  nonWhitespaceChars: number;
}

/** Turns offsets in a text into byte offsets, in increasing order, encoding each part once. */
function byteOffsets(text: string, start: number): (offset: number) => number {
  let at = 0;
  let bytes = start;
  return (offset) => {
    if (offset < at) {
      at = 0;
      bytes = start;
    }
    for (; at < offset; at++) {
      const unit = text.charCodeAt(at);
      bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
    }
    return bytes;
  };
}

/** Judges the bytes of a text file. Pure; time is linear in the file. */
export function judgeText(bytes: Uint8Array): TextJudgement {
  const { text, faults, skipped } = decodeStrictly(bytes);
  if (text === undefined) return { faults, decoded: false, hintCount: 0, nonWhitespaceChars: 0 };
  const lines = new LineTable(text);
  const plain = /^\p{ASCII}*$/u.test(text);
  const found: Omit<TextFault, "byteOffset">[] = plain ? [] : characterFaults(text, lines);
  const ends = lineEndFault(text, lines);
  if (ends !== undefined) found.push(ends);
  for (
    const { line, column, codec, rounds, count, garbled, repaired } of plain
      ? []
      : findMojibake(text)
  ) {
    const times = rounds > 1 ? `${rounds} times over` : "";
    found.push({
      line,
      column,
      rule: "mojibake",
      count,
      codec,
      confidence: 1 - 0.5 ** (count + 1),
      repaired,
      message: `"${garbled.slice(0, 40)}" is UTF-8 read as ${codec} ${times}`.trim(),
    });
  }
  found.sort((a, b) => a.line - b.line || a.column - b.column);
  const offset = byteOffsets(text, skipped);
  const placed = found.map((fault) => ({
    ...fault,
    byteOffset: offset(lines.start(fault.line) + fault.column - 1),
  }));
  return {
    faults: [...faults, ...placed],
    decoded: true,
    hintCount: plain ? 0 : text.replace(CODE, "").match(HINTS)?.length ?? 0,
    nonWhitespaceChars: plain
      ? text.replace(/\s+/g, "").length
      : [...text.replace(/\s+/gu, "")].length,
  };
}
