import { assertEquals, assertStringIncludes } from "@std/assert";
import { judgeText } from "../../../lib/docs/judge_text.ts";
import type { TextFault } from "../../../lib/docs/text_fault.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function utf16(text: string, little: boolean, mark: boolean): Uint8Array {
  const units = [...mark ? "\ufeff" : "", ...text].map((c) => c.charCodeAt(0));
  return Uint8Array.from(
    units.flatMap((unit) => little ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255]),
  );
}

function faults(
  bytes: Uint8Array,
): [rule: string, line: number, column: number, byteOffset: number][] {
  return judgeText(bytes).faults.map((
    fault: TextFault,
  ) => [fault.rule, fault.line, fault.column, fault.byteOffset]);
}

const CASES: [what: string, bytes: Uint8Array, wanted: ReturnType<typeof faults>][] = [
  ["plain ASCII", encode("# a\n\nb\n"), []],
  ["an empty file", encode(""), []],
  ["a UTF-8 byte-order mark", encode("\ufeff# a\n"), [["utf8_bom", 1, 1, 0]]],
  ["UTF-16 little-endian", utf16("# a\n", true, true), [["not_utf8", 1, 1, 0]]],
  ["UTF-16 big-endian", utf16("# a\n", false, true), [["not_utf8", 1, 1, 0]]],
  ["UTF-16 little-endian without a mark", utf16("# title\n", true, false), [[
    "utf16_without_bom",
    1,
    1,
    0,
  ]]],
  ["UTF-16 big-endian without a mark", utf16("# title\n", false, false), [[
    "utf16_without_bom",
    1,
    1,
    0,
  ]]],
  ["UTF-32", Uint8Array.of(0xff, 0xfe, 0, 0, 0x23, 0, 0, 0), [["not_utf8", 1, 1, 0]]],
  ["NUL", encode("ab\nc\0d\n"), [["nul_bytes", 2, 2, 4]]],
  ["U+FFFD", encode("é\nx \uFFFD\uFFFD y\n"), [["replacement_char", 2, 3, 5]]],
  ["a named U+FFFD", encode("the character `\uFFFD`\n"), []],
  ["a bidirectional override", encode("a\nü \u202e b\n"), [["bidi_control", 2, 3, 5]]],
  ["an isolate", encode("\u2067a\u2069\n"), [["bidi_control", 1, 1, 0]]],
  ["a C1 control", encode("a\u0085b\n"), [["c1_control", 1, 2, 1]]],
  ["a zero-width space in a word", encode("pass\u200bword\n"), [["zero_width", 1, 5, 4]]],
  ["a mark inside the text", encode("a\ufeffb\n"), [["zero_width", 1, 2, 1]]],
  ["a noncharacter", encode("a\ufdd0\n"), [["noncharacter", 1, 2, 1]]],
  ["a private-use character", encode("a\ue0a0\n"), [["private_use", 1, 2, 1]]],
  ["mixed line ends", encode("a\r\nb\nc\r\n"), [["mixed_line_ends", 2, 2, 4]]],
  ["uniform CRLF", encode("a\r\nb\r\n"), []],
  ["invalid UTF-8", Uint8Array.of(0x61, 0x0a, 0x62, 0xe4, 0x20, 0x63), [["invalid_utf8", 2, 2, 3]]],
  ["a cut sequence", Uint8Array.of(0x61, 0xc3), [["invalid_utf8", 1, 2, 1]]],
  ["joiners in Persian, Hindi and emoji", encode("می‌شود क्‍ष 👩‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿\n"), []],
  ["marks of direction in Hebrew", encode("שלום\u200f (x)\n"), []],
];

for (const [what, bytes, wanted] of CASES) {
  Deno.test(`judgeText() finds [${wanted.map(([rule]) => rule)}] in ${what}`, () =>
    assertEquals(faults(bytes), wanted));
}

Deno.test("judgeText() names the likeliest encoding of bytes that are not UTF-8, and their text", () => {
  const gbk = Uint8Array.of(0xd6, 0xd0, 0xce, 0xc4, 0xbc, 0xec, 0xb2, 0xe9, 0x0a); // 中文检查
  const [fault] = judgeText(gbk).faults;
  assertEquals([fault?.rule, fault?.codec, fault?.repaired], ["invalid_utf8", "gbk", "中文检查"]);
  const latin = Uint8Array.from([..."fünf größere Änderungen für Köln\n"], (c) => c.charCodeAt(0));
  const [other] = judgeText(latin).faults;
  assertStringIncludes(other?.message ?? "", "windows-125");
});
