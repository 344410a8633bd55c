import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import fc from "fast-check";
import { judgeText } from "../../../lib/docs/judge_text.ts";
import { LEGACY_CODECS } from "../../../lib/docs/legacy_codec.ts";
import { findMojibake } from "../../../lib/docs/mojibake.ts";
import { LANGUAGES } from "./languages.ts";

/** What a program that takes UTF-8 for `codec` shows; lost bytes become U+FFFD. */
function garble(text: string, codec: string): string {
  const bytes = new TextEncoder().encode(text);
  return codec === "iso-8859-1"
    ? Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
    : new TextDecoder(codec).decode(bytes);
}

function rules(text: string | Uint8Array): string[] {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return judgeText(bytes).faults.map(({ rule }) => rule);
}

function garbledWords(clean: string, garbled: string): number {
  const known = new Set(clean.split(/\s+/));
  return garbled.split(/\s+/).filter((word) => !known.has(word)).length;
}

/** Scripts written without spaces: their words are counted by characters instead. */
const UNSPACED = new Set(["thai", "chinese", "traditional", "japanese"]);

Deno.test("judgeText() finds nothing in clean text of any language, whole, by sentence and by word", () => {
  let examined = 0;
  for (const [language, text] of Object.entries(LANGUAGES)) {
    const parts = [
      text,
      text.replaceAll(/(?<=[.。])\s*/g, "\n\n"),
      text.replaceAll(" ", "\n\n"),
      ...text.split(/\s+/),
    ];
    for (const part of parts) {
      assertEquals(rules(part), [], `${language}: ${part.slice(0, 60)}`);
      examined++;
    }
  }
  assertGreaterOrEqual(examined, 500);
});

Deno.test("judgeText() finds nothing where clean texts of all languages stand in one file", () => {
  assertEquals(rules(Object.values(LANGUAGES).join("\n\n")), []);
});

Deno.test("judgeText() finds at least 95 % of files garbled through each character set", () => {
  const missed: string[] = [];
  let examined = 0;
  for (const { name } of LEGACY_CODECS) {
    let own = 0;
    let found = 0;
    for (const [language, text] of Object.entries(LANGUAGES)) {
      const garbled = garble(text, name);
      if (garbled === text || !UNSPACED.has(language) && garbledWords(text, garbled) < 10) continue;
      own++;
      if (rules(garbled).some((rule) => rule === "mojibake" || rule === "replacement_char")) {
        found++;
      } else missed.push(`${language} through ${name}`);
    }
    assertGreaterOrEqual(found, own * 0.95, missed.join(", "));
    examined += own;
  }
  assertGreaterOrEqual(examined, 500);
});

Deno.test("findMojibake() explains every file in which no byte was lost", () => {
  const missed: string[] = [];
  let examined = 0;
  for (const { name } of LEGACY_CODECS) {
    for (const [language, text] of Object.entries(LANGUAGES)) {
      const garbled = garble(text, name);
      if (garbled.includes("\uFFFD") || garbledWords(text, garbled) < 3) continue;
      examined++;
      const [first] = findMojibake(garbled);
      // Where another set gives the same characters, either name is right.
      if (first === undefined || garble(text, first.codec) !== garbled && first.codec !== name) {
        missed.push(`${language} through ${name}: ${first?.codec}`);
      }
    }
  }
  assertGreaterOrEqual(examined, 300);
  assert(missed.length <= examined * 0.05, missed.join("; "));
});

Deno.test("findMojibake() finds one garbled paragraph in a long clean file, at its line", () => {
  const clean = Array.from({ length: 30 }, () => LANGUAGES["french"]).join("\n\n");
  for (const name of ["windows-1252", "windows-1251", "gbk", "shift_jis", "koi8-r"]) {
    const garbled = garble(LANGUAGES["russian"] ?? "", name).replaceAll("\uFFFD", "");
    const found = findMojibake(`${clean}\n\n${garbled}\n\n${clean}`);
    assertEquals(found.map(({ line }) => line), [61], name);
  }
});

Deno.test("findMojibake() tells line, column and the repaired text", () => {
  const [first, second] = findMojibake(
    "# Titel\n\nDie PrÃ¼fung wÃ¤re schÃ¶n.\nEin Satz.\nUngÃ¼ltig.\n",
  );
  assertEquals([first?.line, first?.column, first?.codec, first?.count, first?.repaired], [
    3,
    7,
    "windows-1252",
    3,
    "ü",
  ]);
  assertEquals([second?.line, second?.column], [5, 4]);
});

Deno.test("findMojibake() undoes double encoding and says how many rounds it took", () => {
  const twice = garble(garble(LANGUAGES["czech"] ?? "", "windows-1252"), "windows-1252");
  const [first] = findMojibake(twice);
  assertEquals([first?.rounds, first?.repaired], [2, "ž"]);
  const mixed = garble(garble(LANGUAGES["russian"] ?? "", "windows-1252"), "windows-1251");
  assert(findMojibake(mixed).length > 0);
});

Deno.test("findMojibake() does not take capitals before closing signs for garbled text", () => {
  for (
    const text of [
      "“CAFÉ” und “MAÇÃ” – TÄÄLLÄ…",
      "SÃO PAULO, “LIBERTÉ”, ÉTÉ…",
      "A股 B站 K歌 T恤 C盘",
      "20 °C ± 2 µm § 5 ¶ 3 «Ça»",
    ]
  ) {
    assertEquals(findMojibake(text), [], text);
  }
});

Deno.test("judgeText() lets a document explain the characters of garbled text in code", () => {
  assertEquals(
    rules(
      "The hints: `锟` `鈥` `锛` `銆` `鏄` `鍙` `鍚` `鍦` `鍐` `鍑` `鎴` `闂` `瑙` `鏃` `绗` `澶`.",
    ),
    [],
  );
  assertEquals(judgeText(new TextEncoder().encode("`锟鈥锛` 锟")).hintCount, 1);
});

const WORDS = Object.values(LANGUAGES).slice(0, 17).flatMap((text) => text.split(/\s+/)).filter((
  word,
) => /\P{ASCII}/u.test(word) && /^[\p{L}]+$/u.test(word));

Deno.test("findMojibake() finds ten or more garbled words of any mixture, and none in the words as they were", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...WORDS), { minLength: 12, maxLength: 40 }),
      fc.constantFrom(
        "windows-1252",
        "windows-1250",
        "windows-1251",
        "windows-1254",
        "iso-8859-1",
        "koi8-r",
        "macintosh",
        "ibm866",
      ),
      (words, codec) => {
        const text = words.join(" and ");
        const garbled = garble(text, codec);
        return findMojibake(text).length === 0 &&
          (garbled.includes("\uFFFD") || findMojibake(garbled).length === 1);
      },
    ),
    { numRuns: 150, seed: 20_261_126 },
  );
});
