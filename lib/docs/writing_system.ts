/** Writing systems whose letters a garbled text is expected to turn into. */
const SYSTEMS: [name: string, pattern: RegExp][] = [
  [
    "latin",
    /^[\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017e\u0192\u01a0\u01a1\u01af\u01b0\u0218-\u021b\u0259\u1e00-\u1ef9]$/u,
  ],
  ["greek", /^[\u0386-\u03ce]$/u],
  [
    "cyrillic",
    /^[\u0400-\u045f\u0490-\u0493\u049a-\u049d\u04a2\u04a3\u04ae-\u04b1\u04ba\u04bb\u04d8\u04d9\u04e8\u04e9]$/u,
  ],
  ["hebrew", /^[\u05d0-\u05ea]$/u],
  ["arabic", /^[\u0621-\u0652\u066e-\u06d3\u06f0-\u06f9\u0660-\u0669]$/u],
  ["armenian", /^[\u0531-\u0587]$/u],
  ["georgian", /^[\u10a0-\u10ff]$/u],
  ["indic", /^[\u0900-\u0d7f]$/u],
  ["thai", /^[\u0e01-\u0e5b\u0e81-\u0edf]$/u],
  ["southeast", /^[\u1000-\u109f\u1780-\u17ff]$/u],
  ["ethiopic", /^[\u1200-\u137f]$/u],
  ["hangul", /^[\uac00-\ud7a3\u3131-\u318e]$/u],
  ["han", /^[\u3041-\u30ff\u3400-\u9fff\u3005-\u3007\uff10-\uff5a\uff66-\uff9d]$/u],
];
/** Signs that belong to any of them. */
const NEUTRAL =
  /^[\u00a0-\u00bf\u00d7\u00f7\u02c6\u02dc\u0300-\u036f\u060c\u061b\u061f\u064b-\u0655\u200c-\u200f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u214f\u2190-\u22ff\u2300-\u23ff\u2460-\u27bf\u2900-\u2bff\u3001-\u303f\ufe0f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff65]$|^\p{Extended_Pictographic}$/u;

/** The writing system of a character; `neutral` for signs, `undefined` for anything unlikely. */
export function writingSystem(character: string): string | undefined {
  if (character < "\u0080") return "neutral";
  return SYSTEMS.find(([, pattern]) => pattern.test(character))?.[0] ??
    (NEUTRAL.test(character) ? "neutral" : undefined);
}

/**
 * Whether at least nine in ten of the non-ASCII characters belong to one writing system or are
 * signs, and so could have been written by somebody.
 */
export function isCoherent(text: string): boolean {
  const counts = new Map<string, number>();
  let total = 0;
  let signs = 0;
  for (const character of text) {
    if (character < "\u0080" || character === "\uFFFD") continue;
    total++;
    const system = writingSystem(character);
    if (system === "neutral") signs++;
    else if (system !== undefined) counts.set(system, (counts.get(system) ?? 0) + 1);
  }
  const most = Math.max(0, ...counts.values());
  return total > 0 && most + signs >= 0.9 * total;
}
