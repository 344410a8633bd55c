import { assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";

const CASES: [string, string, number][] = [
  ["nothing", "", 0],
  ["Latin letters", "abc", 3],
  ["a precomposed accent", "\u00e9", 1],
  ["a combining accent", "e\u0301", 1],
  ["Han characters", "\u4f60\u597d", 4],
  ["kana", "\u3042\u30a2", 4],
  ["halfwidth kana", "\uff71", 1],
  ["fullwidth letters", "\uff21", 2],
  ["a Hangul syllable", "\uac00", 2],
  ["a Hangul syllable in parts", "\u1100\u1161\u11a8", 2],
  ["the ideographic space", "\u3000", 2],
  ["a character beyond the basic plane", "\u{20000}", 2],
  ["a single emoji", "\u{1f44d}", 2],
  ["a flag", "\u{1f1e9}\u{1f1ea}", 2],
  ["an emoji joined from two", "\u{1f469}\u200d\u{1f4bb}", 4],
  ["a text symbol", "\u2603", 1],
  ["box drawing and check marks", "\u2500\u2713\u2717", 3],
  ["an ellipsis and a dash", "\u2026\u2013", 2],
  ["a zero-width space and joiner", "\u200b\u200d", 0],
  ["a variation selector", "\u2603\ufe0f", 1],
  ["control characters", "\0\t\n\x1b\x7f\x9f", 0],
];

for (const [what, text, width] of CASES) {
  Deno.test(`unicodeWidth() gives ${width} for ${what}`, () => {
    assertEquals(unicodeWidth(text), width);
  });
}

Deno.test("unicodeWidth() adds up the widths of the characters", () => {
  const all = CASES.map(([, text]) => text).join("");
  assertEquals(unicodeWidth(all), CASES.reduce((sum, [, , width]) => sum + width, 0));
});
