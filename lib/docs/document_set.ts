import { indexMarkdown, type MarkdownIndex } from "./markdown_index.ts";

/**
 * The Markdown files of one run: each is parsed once, however many others link into it, and only
 * its anchors are kept once it has been judged.
 */
export class DocumentSet {
  readonly #read: (path: string) => string | undefined;
  readonly #indexes = new Map<string, MarkdownIndex>();
  readonly #anchors = new Map<string, ReadonlySet<string> | undefined>();

  /** @param read Text of a file, or `undefined` if it cannot be had. */
  constructor(read: (path: string) => string | undefined) {
    this.#read = read;
  }

  /** The index of a document, for its judgement; dropped afterwards by `release`. */
  index(path: string): MarkdownIndex | undefined {
    const known = this.#indexes.get(path);
    if (known !== undefined) return known;
    const text = this.#read(path);
    if (text === undefined) return undefined;
    const index = indexMarkdown(text);
    this.#indexes.set(path, index);
    this.#anchors.set(path, index.anchors);
    return index;
  }

  /** The anchors of a document, or `undefined` if it cannot be read. */
  anchors(path: string): ReadonlySet<string> | undefined {
    if (!this.#anchors.has(path)) this.#anchors.set(path, this.index(path)?.anchors);
    return this.#anchors.get(path);
  }

  /** Forgets all of a document but its anchors. */
  release(path: string): void {
    this.#indexes.delete(path);
  }
}
