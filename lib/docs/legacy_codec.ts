/** A character set that bytes can be mistaken for; `encode` undoes the mistake. */
export interface LegacyCodec {
  /** WHATWG Encoding label; `iso-8859-1` is the true Latin-1, where every byte is its code point. */
  name: string;
  /** True when most characters take two bytes. */
  wide: boolean;
  /**
   * True when letters of the set lie among the bytes 0x80 to 0xBF, so that ordinary words look
   * like UTF-8 more often.
   */
  dense: boolean;
  /** The bytes a text had before it was decoded, or `undefined` if it cannot come from this set. */
  encode(text: string): Uint8Array | undefined;
}

/** In the order in which equally good explanations are preferred: the commonest mistakes first. */
const NARROW = [
  "windows-1252",
  "windows-1251",
  "windows-1250",
  "windows-1253",
  "windows-1254",
  "windows-1257",
  "windows-1255",
  "windows-1256",
  "windows-1258",
  "windows-874",
  "iso-8859-1",
  "iso-8859-2",
  "iso-8859-3",
  "iso-8859-4",
  "iso-8859-5",
  "iso-8859-6",
  "iso-8859-7",
  "iso-8859-8",
  "iso-8859-10",
  "iso-8859-13",
  "iso-8859-14",
  "iso-8859-15",
  "iso-8859-16",
  "koi8-r",
  "koi8-u",
  "macintosh",
  "x-mac-cyrillic",
  "ibm866",
] as const;
const WIDE = ["gbk", "shift_jis", "big5", "euc-kr", "euc-jp"] as const;
const DENSE = new Set<string>([
  "windows-874",
  "windows-1256",
  "iso-8859-5",
  "iso-8859-6",
  "koi8-r",
  "koi8-u",
  "macintosh",
  "x-mac-cyrillic",
  "ibm866",
]);

function narrowTable(name: string): Map<number, number> {
  const table = new Map<number, number>();
  const decoder = name === "iso-8859-1" ? undefined : new TextDecoder(name);
  for (let byte = 0x80; byte < 0x100; byte++) {
    const point = decoder?.decode(Uint8Array.of(byte)).codePointAt(0) ?? byte;
    if (point >= 0x80 && point !== 0xfffd) table.set(point, byte);
  }
  return table;
}

/** Both bytes of every pair the decoder knows, the first pair winning where two give one character. */
function wideTable(name: string): Map<number, number> {
  const table = narrowTable(name);
  const decoder = new TextDecoder(name);
  const pairs = new Uint8Array(3 * 191);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      pairs.set([lead, trail, 0x0a], (trail - 0x40) * 3);
    }
    for (const [i, line] of decoder.decode(pairs).split("\n").entries()) {
      const points = [...line];
      const point = points[0]?.codePointAt(0) ?? 0xfffd;
      if (points.length === 1 && point >= 0x80 && point !== 0xfffd && !table.has(point)) {
        table.set(point, lead << 8 | (0x40 + i));
      }
    }
  }
  return table;
}

/** EUC-JP's three-byte half: 0x8F and a pair of JIS X 0212. */
function addJisX0212(table: Map<number, number>): Map<number, number> {
  const decoder = new TextDecoder("euc-jp");
  for (let lead = 0xa1; lead <= 0xfe; lead++) {
    for (let trail = 0xa1; trail <= 0xfe; trail++) {
      const points = [...decoder.decode(Uint8Array.of(0x8f, lead, trail))];
      const point = points[0]?.codePointAt(0) ?? 0xfffd;
      if (points.length === 1 && point !== 0xfffd && !table.has(point)) {
        table.set(point, 0x8f0000 | lead << 8 | trail);
      }
    }
  }
  return table;
}

function codec(name: string, wide: boolean): LegacyCodec {
  let table: Map<number, number> | undefined;
  const build = (): Map<number, number> => {
    if (!wide) return narrowTable(name);
    return name === "euc-jp" ? addJisX0212(wideTable(name)) : wideTable(name);
  };
  return {
    name,
    wide,
    dense: DENSE.has(name),
    encode(text): Uint8Array | undefined {
      table ??= build();
      const bytes: number[] = [];
      for (const character of text) {
        const point = character.codePointAt(0) ?? 0;
        const code = point < 0x80 ? point : table.get(point);
        if (code === undefined) return undefined;
        if (code > 0xffff) bytes.push(code >> 16);
        if (code > 0xff) bytes.push(code >> 8 & 0xff);
        bytes.push(code & 0xff);
      }
      return Uint8Array.from(bytes);
    },
  };
}

/** All sets that are tried; tables are built from the platform's own decoders on first use. */
export const LEGACY_CODECS: readonly LegacyCodec[] = [
  ...NARROW.map((name) => codec(name, false)),
  ...WIDE.map((name) => codec(name, true)),
];
