import { isAbsolute } from "@std/path/is-absolute";
import { relative } from "@std/path/relative";
import { resolve } from "@std/path/resolve";
import { type InputState, type Loaded, loadJson, type Schema } from "../policy/load.ts";
import type { Evidence, EvidenceQuery } from "../report/evidence.ts";
import { sha256Hex } from "../store/digest.ts";
import { readText, type TextFile } from "../store/read_text.ts";

/** One row of the report's `inputs`. */
export interface InputRow {
  path: string;
  sha256?: string;
  state: InputState;
}

/** Reads the files a judgement is made from, and remembers each with its digest and state. */
export class Inputs {
  readonly #root: string;
  readonly #rows = new Map<string, InputRow>();
  readonly #withBom = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Every file that was read, by name. */
  get rows(): InputRow[] {
    return [...this.#rows.values()].sort((a, b) => a.path < b.path ? -1 : 1);
  }

  /** Files that began with a byte-order mark. */
  get withBom(): string[] {
    return [...this.#withBom].sort();
  }

  /** The absolute path of one that was given relative to root. */
  absolute(path: string): string {
    return resolve(this.#root, path);
  }

  /** The path as reports hold it: relative to root with `/`; absolute only outside root. */
  shown(path: string): string {
    const absolute = this.absolute(path);
    const inside = relative(this.#root, absolute).replaceAll("\\", "/");
    return inside.startsWith("../") || inside === ".." || isAbsolute(inside)
      ? absolute
      : inside || ".";
  }

  /** Reads and checks a JSON file. */
  async json<T>(path: string, schema: Schema<T>): Promise<Loaded<T>> {
    const shown = this.shown(path);
    const loaded = await loadJson(this.absolute(path), schema, { shown });
    if (loaded.state === "ok" && loaded.bom) this.#withBom.add(shown);
    this.#note(shown, loaded.state, loaded.sha256);
    return loaded;
  }

  /** Reads a text file. */
  async text(path: string): Promise<TextFile> {
    const shown = this.shown(path);
    const file = readText(this.absolute(path));
    if (file.state === "ok" && file.bom) this.#withBom.add(shown);
    this.#note(shown, file.state, file.bytes && await sha256Hex(file.bytes));
    return file;
  }

  /** Looks up the newest evidence of a kind. */
  async evidence<T = unknown>(query: EvidenceQuery<T>): Promise<Evidence<T>> {
    const { newestEvidence } = await import("../report/evidence.ts");
    const evidence = await newestEvidence(this.#root, query);
    if (evidence.path !== undefined) {
      this.#note(
        evidence.path,
        evidence.state === "malformed" ? "malformed" : "ok",
        evidence.sha256,
      );
    }
    return evidence;
  }

  /** Records a file that was read by other means. */
  note(path: string, state: InputState, sha256?: string): void {
    this.#note(this.shown(path), state, sha256);
  }

  #note(path: string, state: InputState, sha256?: string): void {
    this.#rows.set(path, { path, ...(sha256 === undefined ? {} : { sha256 }), state });
  }
}
