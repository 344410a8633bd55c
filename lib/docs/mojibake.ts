import { LEGACY_CODECS, type LegacyCodec } from "./legacy_codec.ts";
import { LineTable } from "./line_table.ts";
import { readUtf8 } from "./utf8_reading.ts";
import { isCoherent } from "./writing_system.ts";

/** Text that was UTF-8, was read as something else, and was saved like that. */
export interface Mojibake {
  line: number;
  column: number;
  /** Offset in the text, UTF-16 code units. */
  offset: number;
  /** The character set the bytes were taken for. */
  codec: string;
  /** How many times over, 1 to 3. */
  rounds: number;
  /** Garbled stretches on the line. */
  count: number;
  garbled: string;
  repaired: string;
}

/** A maximal stretch without ASCII. */
interface Stretch {
  text: string;
  offset: number;
  block: number;
  touchesLetter: boolean;
  closing: boolean;
}

type Strength = "strong" | "weak" | "none";

/** Garbled stretches a block (a paragraph) or a file needs if none of them proves it alone. */
const WEAK_IN_BLOCK = 2;
const WEAK_IN_FILE = 3;
/** Share of stretches with letters that the same explanation must fit. */
const SHARE = 0.75;
const ROUNDS = 3;

/** Closing signs that stand after a capital in clean text: `CAFÉ”`, `TÄÄLLÄ…`. */
const CLOSING = /[\u00a0\u00bb\u2013\u2014\u2018-\u201e\u2026\u203a]$/;

function stretches(text: string): Stretch[] {
  const found: Stretch[] = [];
  const pattern = /[^\p{ASCII}\uFFFD]+|\n[ \t\r]*\n/gu;
  let block = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [stretch] = match;
    if (stretch.startsWith("\n")) {
      block++;
      pattern.lastIndex--; // the second line end may begin another gap
      continue;
    }
    const before = text[match.index - 1] ?? "";
    const touchesLetter = /[A-Za-z]/.test(before) || /[A-Za-z]/.test(text[pattern.lastIndex] ?? "");
    const closing = !/[a-z]/.test(before) && CLOSING.test(stretch);
    found.push({ text: stretch, offset: match.index, block, touchesLetter, closing });
  }
  return found;
}

/** How well one stretch is explained by one codec. */
function explain(
  text: string,
  codec: LegacyCodec,
): { strength: Strength; repaired: string; sequences: number } {
  const none = { strength: "none", repaired: text, sequences: 0 } as const;
  const bytes = codec.encode(text);
  const reading = bytes === undefined ? undefined : readUtf8(bytes);
  if (reading === undefined || reading.sequences === 0 || !isCoherent(reading.text)) return none;
  const { sequences, good, bad } = reading;
  const least = codec.wide || codec.dense ? 3 : 2;
  const whole = bad === 0;
  const mostly = sequences >= 4 && good >= 3 * bad;
  const strength = sequences >= least && (whole || mostly) ? "strong" : whole ? "weak" : "none";
  return { strength, repaired: reading.text, sequences };
}

/** All stretches of a text under one codec, with what counts for and against it. */
interface Explanation {
  codec: LegacyCodec;
  /** Stretches taken as garbled. */
  hits: { stretch: Stretch; repaired: string }[];
  sequences: number;
}

interface Tally {
  strong: number;
  weak: number;
  against: number;
}

function explainAll(all: Stretch[], codec: LegacyCodec): Explanation {
  const cache = new Map<string, ReturnType<typeof explain>>();
  const blocks = new Map<number, Tally>();
  const file: Tally = { strong: 0, weak: 0, against: 0 };
  const judged = all.map((stretch) => {
    const known = cache.get(stretch.text) ?? explain(stretch.text, codec);
    cache.set(stretch.text, known);
    const weak = known.strength === "weak" && (!stretch.touchesLetter || stretch.closing);
    const strength: Strength = weak ? "none" : known.strength;
    const block = blocks.get(stretch.block) ?? { strong: 0, weak: 0, against: 0 };
    blocks.set(stretch.block, block);
    for (const tally of [block, file]) {
      if (strength !== "none") tally[strength]++;
      else if (/\p{L}/u.test(stretch.text) && !weak) tally.against++;
    }
    return { stretch, strength, known, block };
  });
  const convinces = ({ strong, weak, against }: Tally, least: number): boolean =>
    strong + weak >= least && strong + weak >= SHARE * (strong + weak + against);
  const whole = convinces(file, WEAK_IN_FILE);
  const hits = judged.filter(({ strength, known, block }) =>
    known.strength !== "none" &&
    (whole || convinces(block, block.strong > 0 ? 1 : WEAK_IN_BLOCK) ||
      strength === "strong" && (!codec.wide || known.sequences >= 8))
  );
  return {
    codec,
    hits: hits.map(({ stretch, known }) => ({ stretch, repaired: known.repaired })),
    sequences: hits.reduce((sum, { known }) => sum + known.sequences, 0),
  };
}

function best(all: Stretch[]): Explanation | undefined {
  let winner: Explanation | undefined;
  const wide = all.some(({ text }) => /[\u3000-\uffef]/.test(text));
  for (const codec of LEGACY_CODECS) {
    if (codec.wide && !wide) continue;
    const explanation = explainAll(all, codec);
    if (explanation.hits.length > 0 && explanation.sequences > (winner?.sequences ?? 0)) {
      winner = explanation;
    }
  }
  return winner;
}

/** Repairs a stretch further while it still reads as garbled by the same mistake. */
function unwind(text: string, codec: LegacyCodec): { repaired: string; rounds: number } {
  let repaired = text;
  let rounds = 0;
  while (rounds < ROUNDS) {
    const step = explain(repaired, codec);
    const garbled = rounds === 0 ||
      /^\P{ASCII}+$/u.test(repaired) && step.strength !== "none";
    if (!garbled || step.repaired === repaired || step.sequences === 0) break;
    repaired = step.repaired;
    rounds++;
  }
  return { repaired, rounds };
}

/**
 * Finds text that was decoded wrongly, by undoing the decoding: the stretch is encoded in each
 * legacy character set again, and if the bytes are UTF-8 that somebody could have written, that is
 * what happened. One finding for each line.
 *
 * Clean text is not mistaken for it because its bytes are UTF-8 only by accident: short accidents
 * count only where most of the paragraph, or of the file, has the same explanation.
 */
export function findMojibake(text: string): Mojibake[] {
  let all = stretches(text);
  if (all.length === 0) return [];
  const lines = new LineTable(text);
  const byLine = new Map<number, Mojibake>();
  for (let pass = 0; pass < ROUNDS && all.length > 0; pass++) { // a file may suffer several mistakes
    const explanation = best(all);
    if (explanation === undefined) break;
    for (const { stretch } of explanation.hits) addHit(byLine, lines, stretch, explanation.codec);
    const taken = new Set(explanation.hits.map(({ stretch }) => stretch));
    all = all.filter((stretch) => !taken.has(stretch));
  }
  return [...byLine.values()].sort((a, b) => a.offset - b.offset);
}

function addHit(
  byLine: Map<number, Mojibake>,
  lines: LineTable,
  stretch: Stretch,
  codec: LegacyCodec,
): void {
  const { line, column } = lines.place(stretch.offset);
  const known = byLine.get(line);
  if (known !== undefined && known.offset <= stretch.offset) {
    known.count++;
    return;
  }
  const { repaired, rounds } = unwind(stretch.text, codec);
  byLine.set(line, {
    line,
    column,
    offset: stretch.offset,
    codec: codec.name,
    rounds,
    count: (known?.count ?? 0) + 1,
    garbled: stretch.text.slice(0, 80),
    repaired: repaired.slice(0, 80),
  });
}
