/** What bytes say when they are read as UTF-8 (RFC 3629), mistakes counted instead of refused. */
export interface Utf8Reading {
  text: string;
  /** Well-formed sequences of two to four bytes. */
  sequences: number;
  /** Bytes of those sequences. */
  good: number;
  /** Bytes from 0x80 that belong to none. */
  bad: number;
}

/** Length of the well-formed multi-byte sequence at `at`, or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    if (byte < 0x80 || byte > 0xbf) return 0;
  }
  const second = bytes[at + 1] ?? 0;
  const overlong = lead === 0xe0 && second < 0xa0 || lead === 0xf0 && second < 0x90;
  const beyond = lead === 0xed && second > 0x9f || lead === 0xf4 && second > 0x8f;
  return overlong || beyond ? 0 : length;
}

/** Offset of the first byte that begins no well-formed sequence; the length if there is none. */
export function firstInvalid(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = (bytes[at] ?? 0) < 0x80 ? 1 : sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return at;
}

/** Reads bytes as UTF-8; a byte that fits nowhere becomes U+FFFD. */
export function readUtf8(bytes: Uint8Array): Utf8Reading {
  const decoder = new TextDecoder();
  const reading: Utf8Reading = { text: "", sequences: 0, good: 0, bad: 0 };
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      reading.text += decoder.decode(bytes.subarray(at, at + length));
      reading.sequences++;
      reading.good += length;
    } else if ((bytes[at] ?? 0) < 0x80) reading.text += String.fromCharCode(bytes[at] ?? 0);
    else {
      reading.text += "\uFFFD";
      reading.bad++;
    }
    at += Math.max(1, length);
  }
  return reading;
}
