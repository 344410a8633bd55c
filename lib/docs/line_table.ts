/** A position in a document: 1-based line and 1-based column in UTF-16 code units (as SARIF counts). */
export interface Place {
  line: number;
  column: number;
}

/**
 * Turns offsets into lines and columns in O(log lines).
 *
 * Lines end at LF, CRLF or a lone CR, as CommonMark 0.31 section 2.1 says and as editors count;
 * U+2028 and its kind end no line.
 */
export class LineTable {
  readonly #starts: number[] = [0];

  constructor(readonly text: string) {
    const ends = /\r\n|\n|\r/g;
    while (ends.exec(text) !== null) this.#starts.push(ends.lastIndex);
  }

  /** Number of lines; a final line end does not start another line. */
  get count(): number {
    const last = this.#starts.at(-1) ?? 0;
    return last === this.text.length && last > 0 ? this.#starts.length - 1 : this.#starts.length;
  }

  /** Where an offset (0-based, UTF-16 code units) lies. */
  place(offset: number): Place {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  /** Offset of the first character of a line, or the text's length for a line past the end. */
  start(line: number): number {
    return this.#starts[line - 1] ?? this.text.length;
  }

  /** A line without its line end; empty past the end. */
  line(line: number): string {
    return this.text.slice(this.start(line), this.start(line + 1)).replace(/[\r\n]+$/, "");
  }
}
