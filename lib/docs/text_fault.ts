import type { Place } from "./line_table.ts";

/** What can be wrong with the bytes and characters of a text file; a closed set. */
export type TextRule =
  | "utf8_bom"
  | "not_utf8"
  | "utf16_without_bom"
  | "invalid_utf8"
  | "nul_bytes"
  | "mixed_line_ends"
  | "replacement_char"
  | "c1_control"
  | "bidi_control"
  | "zero_width"
  | "noncharacter"
  | "private_use"
  | "mojibake";

/** One fault of a text file. */
export interface TextFault extends Place {
  rule: TextRule;
  /** Offset in the file, bytes. */
  byteOffset: number;
  message: string;
  /** How many times on the line, or in the file where the fault has no line. */
  count: number;
  codec?: string;
  /** 0 to 1. */
  confidence?: number;
  repaired?: string;
}
