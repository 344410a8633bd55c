/** A run of whole lines that can be parsed without the rest of the document. */
export interface Chunk {
  text: string;
  /** Lines before the chunk; 0 for the first. */
  lineOffset: number;
  /** Why the chunk must not be given to the CommonMark parser; absent when it may. */
  tooCostly?: string;
}

/** Chunks close at the first safe boundary after this many characters. */
const CHUNK_CHARS = 16 << 10;
/** A chunk that found no safe boundary by this many characters is cut and not parsed. */
const CHUNK_LIMIT_CHARS = 64 << 10;
/** Above this the whole document is read line by line: parsing costs about 10 to 40 µs a character. */
const DOCUMENT_LIMIT_CHARS = 256 << 10;
/** Container markers (`>`, `-`) one line may open; the parser's time grows with lines × depth. */
const NESTING_LIMIT = 32;
/** Brackets per chunk; unmatched ones make the parser quadratic. */
const BRACKET_LIMIT = 1_500;
/** Backtick runs per chunk; unmatched ones make the parser quadratic. */
const BACKTICK_LIMIT = 4_000;

interface Fence {
  marker: string;
  length: number;
}

/** Follows what spans lines: a fence, an HTML comment. */
class OpenBlock {
  fence: Fence | undefined;
  comment = false;

  read(line: string): void {
    const fence = /^[ >\t]{0,200}(?:(?:[-*+]|\d{1,9}[.)])[ >\t]{1,200})?(`{3,}|~{3,})(.*)$/.exec(
      line,
    );
    const run = fence?.[1] ?? "";
    const rest = fence?.[2] ?? "";
    if (this.fence !== undefined) {
      const closes = run[0] === this.fence.marker && run.length >= this.fence.length;
      if (closes && rest.trim() === "") this.fence = undefined;
    } else if (this.comment) {
      if (line.includes("-->")) this.comment = false;
    } else if (run !== "" && !(run[0] === "`" && rest.includes("`"))) {
      this.fence = { marker: run[0] ?? "", length: run.length };
    } else if (/^ {0,3}<!--/.test(line) && !line.includes("-->")) {
      this.comment = true;
    }
  }

  get closed(): boolean {
    return this.fence === undefined && !this.comment;
  }
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (pattern.lastIndex = 0; pattern.exec(text) !== null;) found++;
  return found;
}

/** Why a chunk would cost more than linear time, if it would. */
function costOf(text: string): string | undefined {
  if (text.length > CHUNK_LIMIT_CHARS) return `a block longer than ${CHUNK_LIMIT_CHARS} characters`;
  if (
    new RegExp(`^(?:[ \\t]*(?:>|[-*+][ \\t]|\\d{1,9}[.)][ \\t])){${NESTING_LIMIT},}`, "m").test(
      text,
    )
  ) {
    return `more than ${NESTING_LIMIT} nested quotes or lists`;
  }
  if (/^[ \t]{256,}\S/m.test(text)) return "indentation of more than 256 columns";
  if (count(text, /\[/g) > BRACKET_LIMIT) return `more than ${BRACKET_LIMIT} brackets in one block`;
  if (count(text, /`+/g) > BACKTICK_LIMIT) {
    return `more than ${BACKTICK_LIMIT} backtick runs in one block`;
  }
  return undefined;
}

function chunk(text: string, lineOffset: number, reason: string | undefined): Chunk {
  return reason === undefined ? { text, lineOffset } : { text, lineOffset, tooCostly: reason };
}

/**
 * Cuts a document into chunks that parse alone, so that time stays linear and memory flat on any
 * input: cuts lie after a blank line that is followed by an unindented line, outside fences and
 * comments. Cutting a list between two items there changes nothing that is read from it.
 */
export function* splitBlocks(text: string): Generator<Chunk> {
  const whole = text.length > DOCUMENT_LIMIT_CHARS
    ? `a document longer than ${DOCUMENT_LIMIT_CHARS} characters`
    : undefined;
  const lines = /[^\r\n]*(?:\r\n|\n|\r|$)/g;
  const open = new OpenBlock();
  let start = 0;
  let startLine = 0;
  let blank = false;
  let inside: string | undefined;
  for (let line = 0, at = 0; at < text.length; line++) {
    lines.lastIndex = at;
    const content = lines.exec(text)?.[0] ?? "";
    const fits = at - start < CHUNK_CHARS;
    const safe = blank && open.closed && /^\S/.test(content);
    if ((!fits && safe) || at - start > CHUNK_LIMIT_CHARS) {
      const part = text.slice(start, at);
      const reason = whole ?? inside ?? (safe ? costOf(part) : "a very long block");
      yield chunk(part, startLine, reason);
      inside = safe ? undefined : reason; // what follows begins inside the block that was cut
      start = at;
      startLine = line;
    }
    open.read(content.replace(/[\r\n]+$/, ""));
    blank = content.trim() === "";
    at += content.length;
  }
  const rest = text.slice(start);
  if (rest !== "") yield chunk(rest, startLine, whole ?? inside ?? costOf(rest));
}
