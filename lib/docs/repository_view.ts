import { expandBraces, globMatches } from "./glob.ts";
import { suggest } from "./suggest.ts";

/** What a path names; `other_case` and `other_form` name something else on some file systems. */
export type Lookup =
  | { state: "file" | "folder"; path: string }
  | { state: "other_case"; path: string }
  | { state: "missing" };

/** Where the names and texts of a repository come from. */
export interface RepositorySource {
  /** Tracked files, relative to the root, `/` separators. */
  files: Iterable<string>;
  /** Text of a tracked file, or `undefined` if it cannot be read as text. */
  readText(path: string): string | undefined;
}

/** Different missing paths for which a suggestion is looked for. */
const GUESS_LIMIT = 2_000;

/**
 * A repository as its documents should describe it: the tracked files and the folders they imply.
 *
 * Names compare exactly, in Unicode normalisation form C, so a document cannot be true only on a
 * disk that ignores case.
 */
export class RepositoryView {
  readonly files = new Set<string>();
  readonly folders = new Set<string>([""]);
  readonly #folded = new Map<string, string>();
  readonly #byName = new Map<string, string[]>();
  readonly #texts = new Map<string, string | undefined>();
  readonly #source: RepositorySource;
  readonly #derived = new Map<string, unknown>();
  #guesses = 0;

  constructor(source: RepositorySource) {
    this.#source = source;
    for (const file of source.files) this.#add(file.normalize("NFC"));
  }

  #add(file: string): void {
    this.files.add(file);
    this.#folded.set(file.toLowerCase(), file);
    const name = file.slice(file.lastIndexOf("/") + 1);
    const same = this.#byName.get(name);
    if (same === undefined) this.#byName.set(name, [file]);
    else same.push(file);
    for (let cut = file.lastIndexOf("/"); cut > 0; cut = file.lastIndexOf("/", cut - 1)) {
      const folder = file.slice(0, cut);
      if (this.folders.has(folder)) return;
      this.folders.add(folder);
      this.#folded.set(folder.toLowerCase(), folder);
    }
  }

  /** Looks a root-relative path up; a trailing `/` asks for a folder. */
  lookup(path: string): Lookup {
    const plain = path.normalize("NFC").replace(/\/+$/, "");
    if (this.folders.has(plain)) return { state: "folder", path: plain };
    if (this.files.has(plain) && !path.endsWith("/")) return { state: "file", path: plain };
    const actual = this.#folded.get(plain.toLowerCase());
    return actual === undefined || actual === plain
      ? { state: "missing" }
      : { state: "other_case", path: actual };
  }

  /** Files whose last segment is `name`. */
  named(name: string): readonly string[] {
    return this.#byName.get(name) ?? [];
  }

  /** All last segments of tracked files. */
  get names(): Iterable<string> {
    return this.#byName.keys();
  }

  /** First tracked file or folder that matches, braces expanded. */
  firstMatch(pattern: string): string | undefined {
    return this.derived(`match ${pattern}`, () => this.#firstMatch(pattern));
  }

  #firstMatch(pattern: string): string | undefined {
    for (const alternative of expandBraces(pattern)) {
      const wanted = alternative.replace(/\/+$/, "");
      for (const file of this.files) if (globMatches(wanted, file)) return file;
      for (const folder of this.folders) if (globMatches(wanted, folder)) return folder;
    }
    return undefined;
  }

  /** Text of a tracked file; read once. */
  text(path: string): string | undefined {
    if (!this.#texts.has(path)) {
      this.#texts.set(path, this.files.has(path) ? this.#source.readText(path) : undefined);
    }
    return this.#texts.get(path);
  }

  /** What `make` derives from the repository, made once for each key. */
  derived<T>(key: string, make: () => T): T {
    if (!this.#derived.has(key)) this.#derived.set(key, make());
    return this.#derived.get(key) as T;
  }

  /**
   * The tracked path a missing one most likely means: same name elsewhere, or nearest spelling.
   * After 2000 different guesses no more are made, so that hostile documents stay cheap.
   */
  nearest(path: string): string | undefined {
    return this.derived(
      `nearest ${path}`,
      () => this.#guesses++ < GUESS_LIMIT ? this.#guess(path) : undefined,
    );
  }

  #guess(path: string): string | undefined {
    const plain = path.replace(/\/+$/, "");
    const moved = this.named(plain.slice(plain.lastIndexOf("/") + 1));
    if (moved.length === 1) return moved[0];
    const folder = plain.slice(0, Math.max(0, plain.lastIndexOf("/")));
    const siblings = [...this.files, ...this.folders].filter((known) =>
      known.slice(0, Math.max(0, known.lastIndexOf("/"))) === folder && known !== ""
    );
    return suggest(plain, siblings, { maxRatio: 0.2 }) ??
      suggest(plain, [...this.files, ...this.folders].filter((known) => known !== ""), {
        maxRatio: 0.2,
      });
  }
}

/**
 * Joins and normalises a root-relative folder and a relative path; `undefined` if the result lies
 * outside the root.
 */
export function resolveInside(folder: string, path: string): string | undefined {
  const parts: string[] = [];
  const from = path.startsWith("/") ? path : `${folder}/${path}`;
  for (const part of from.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/") + (path.endsWith("/") && parts.length > 0 ? "/" : "");
}
