/**
 * Columns a text takes on a terminal.
 * @module
 */

/** Prints nothing of its own: control characters, combining marks, joiners, Hangul vowels and finals. */
const ZERO_WIDTH =
  /^[\p{Cc}\p{Mn}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7ff]$/u;

/** Format characters that print after all: the soft hyphen and the Arabic, Syriac and Kaithi signs. */
const PRINTED_FORMAT =
  /^[\u00ad\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u115f]$/u;

/**
 * East Asian wide and fullwidth characters (Unicode Annex 11, EastAsianWidth.txt of Unicode 15.1).
 *
 * Gaps that hold only unassigned or zero-width characters are closed. Emoji come from their own
 * property; the halves of a flag have it and are narrow.
 */
const WIDE = new RegExp(
  [
    "^(?!\\p{Regional_Indicator})[\\p{Emoji_Presentation}",
    "\\u1100-\\u115f\\u2329\\u232a\\u2e80-\\u303e\\u3041-\\u3247\\u3250-\\u4dbf\\u4e00-\\ua4c6",
    "\\ua960-\\ua97c\\uac00-\\ud7a3\\uf900-\\ufad9\\ufe10-\\ufe6b\\uff01-\\uff60\\uffe0-\\uffe6",
    "\\u{16fe0}-\\u{1b2fb}\\u{1f200}-\\u{1f265}\\u{20000}-\\u{323af}]$",
  ].join(""),
  "u",
);

/**
 * Number of columns of a text: 2 per wide character, 0 per control or combining character, else 1.
 *
 * Characters are added up one by one. An emoji joined from several is therefore as wide as its parts
 * together, wider than most terminals show it. Escape sequences count, except for the escape itself.
 */
export function unicodeWidth(str: string): number {
  let width = 0;
  for (const character of str) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (ZERO_WIDTH.test(character) && !PRINTED_FORMAT.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
