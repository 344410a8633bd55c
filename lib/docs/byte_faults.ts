import type { TextFault } from "./text_fault.ts";
import { firstInvalid } from "./utf8_reading.ts";
import { isCoherent } from "./writing_system.ts";

/** The text of a file as far as it can be had, and what its bytes have against them. */
export interface DecodedText {
  /** Absent when the bytes are not UTF-8. */
  text?: string;
  faults: TextFault[];
  /** Bytes before the text: the length of a byte-order mark. */
  skipped: number;
}

const MARKS: [bytes: number[], name: string][] = [
  [[0xff, 0xfe, 0, 0], "UTF-32LE"],
  [[0, 0, 0xfe, 0xff], "UTF-32BE"],
  [[0xff, 0xfe], "UTF-16LE"],
  [[0xfe, 0xff], "UTF-16BE"],
];
/** Sets that legacy documents are most often written in; guesses are ranked among them. */
const GUESSES = [
  "windows-1252",
  "windows-1251",
  "gbk",
  "shift_jis",
  "euc-jp",
  "big5",
  "euc-kr",
  "windows-1250",
  "koi8-r",
  "windows-1253",
  "windows-1255",
  "windows-1256",
  "windows-874",
];

/** Fewer bytes say nothing about their encoding. */
const MIN_UTF16_BYTES = 6;

/** Bytes looked at to guess; enough for any statistics. */
const SAMPLE_BYTES = 1 << 16;

function fault(rule: TextFault["rule"], message: string, more: Partial<TextFault> = {}): TextFault {
  return { rule, message, line: 1, column: 1, byteOffset: 0, count: 1, ...more };
}

/** Share of NUL among the bytes at even or odd places; ASCII in UTF-16 has one of them near 1. */
function nulShare(bytes: Uint8Array, parity: number): number {
  let nul = 0;
  let total = 0;
  for (let i = parity; i < Math.min(bytes.length, SAMPLE_BYTES); i += 2, total++) {
    if (bytes[i] === 0) nul++;
  }
  return total === 0 ? 0 : nul / total;
}

/** The most plausible legacy readings, best first. */
function guesses(bytes: Uint8Array): { codec: string; text: string; score: number }[] {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const ranked = GUESSES.flatMap((codec) => {
    const text = new TextDecoder(codec).decode(sample);
    if (/[\uFFFD\u0080-\u009f]/.test(text.slice(0, -1))) return [];
    const runs = text.match(/\P{ASCII}+/gu) ?? [];
    const coherent = runs.filter(isCoherent).length / Math.max(1, runs.length);
    const wide = /[\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]/.test(text);
    const average = runs.join("").length / Math.max(1, runs.length);
    const embedded = (text.match(/[a-z][\u00c0-\u024f][a-z]/g) ?? []).length /
      Math.max(1, runs.length);
    return [{
      codec,
      text,
      score: coherent - (wide && average < 2 ? 0.5 : 0) + (wide ? 0.2 : 0) + embedded * 0.3,
    }];
  });
  return ranked.sort((a, b) => b.score - a.score).slice(0, 2);
}

function invalid(bytes: Uint8Array): TextFault {
  const byteOffset = firstInvalid(bytes);
  const before = new TextDecoder().decode(bytes.subarray(0, byteOffset));
  const lastLine = before.slice(before.lastIndexOf("\n") + 1);
  const [first, second] = guesses(bytes);
  const likely = [first, second].filter((guess) => guess !== undefined).map((guess) => guess.codec);
  const byte = (bytes[byteOffset] ?? 0).toString(16).padStart(2, "0");
  const line = first?.text.split("\n")[before.split("\n").length - 1] ?? "";
  return fault(
    "invalid_utf8",
    `byte 0x${byte} at offset ${byteOffset} is not UTF-8${
      likely.length === 0 ? "" : `; most likely ${likely.join(" or ")}`
    }`,
    {
      line: before.split("\n").length,
      column: lastLine.length + 1,
      byteOffset,
      ...(first === undefined ? {} : { codec: first.codec, repaired: line.slice(0, 80) }),
    },
  );
}

/**
 * Decodes a file as UTF-8, strictly, and reports byte-order marks, UTF-16 and UTF-32, NUL bytes and
 * invalid sequences with the offset of the first wrong byte and the best legacy guesses.
 */
export function decodeStrictly(bytes: Uint8Array): DecodedText {
  const mark = MARKS.find(([start]) => start.every((byte, i) => bytes[i] === byte));
  if (mark !== undefined) {
    const [start, name] = mark;
    const codec = name.toLowerCase();
    const known = name.startsWith("UTF-16");
    const text = known ? new TextDecoder(codec).decode(bytes.subarray(0, 400)) : "";
    const [line = ""] = text.split("\n");
    return {
      faults: [
        fault("not_utf8", `the file is ${name}, not UTF-8`, {
          codec: name,
          ...(known ? { repaired: line.slice(0, 80) } : {}),
        }),
      ],
      skipped: start.length,
    };
  }
  const parity = [0, 1].find((side) =>
    nulShare(bytes, side) > 0.3 && nulShare(bytes, 1 - side) < 0.05
  );
  if (parity !== undefined && bytes.length >= MIN_UTF16_BYTES) {
    const name = parity === 1 ? "utf-16le" : "utf-16be";
    const [line = ""] = new TextDecoder(name).decode(bytes.subarray(0, 400)).split("\n");
    return {
      faults: [
        fault(
          "utf16_without_bom",
          `the file looks like ${name.toUpperCase()} without a byte-order mark`,
          {
            codec: name.toUpperCase(),
            repaired: line.slice(0, 80),
          },
        ),
      ],
      skipped: 0,
    };
  }
  return decodeUtf8(bytes);
}

function decodeUtf8(bytes: Uint8Array): DecodedText {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const faults = bom ? [fault("utf8_bom", "the file begins with a UTF-8 byte-order mark")] : [];
  const skipped = bom ? 3 : 0;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(skipped),
    );
  } catch {
    return { faults: [...faults, invalid(bytes)], skipped }; // the only error it throws is about these bytes
  }
  const nul = text.indexOf("\0");
  if (nul < 0) return { text, faults, skipped };
  const before = text.slice(0, nul);
  faults.push(fault("nul_bytes", "the text contains NUL", {
    line: before.split("\n").length,
    column: nul - before.lastIndexOf("\n"),
    byteOffset: new TextEncoder().encode(before).length + skipped,
    count: text.split("\0").length - 1,
  }));
  return { text, faults, skipped };
}
