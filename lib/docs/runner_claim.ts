import { isPlaceholder } from "./placeholder.ts";
import { resolveInside } from "./repository_view.ts";
import type { Word } from "./shell_words.ts";

/** What must be true of the repository for a documented command to work. */
export type Claim =
  | { kind: "script"; path: string; word: Word; args: readonly Word[] }
  | { kind: "module"; name: string; word: Word; args: readonly Word[]; folder: string }
  | { kind: "file"; path: string; word: Word }
  | {
    kind: "task";
    name: string;
    word: Word;
    args: readonly Word[];
    folder: string;
    config?: string;
  }
  | { kind: "npm_script"; name: string; word: Word; args: readonly Word[]; folder: string }
  | { kind: "make_target"; name: string; word: Word; folder: string; file?: string }
  | { kind: "cargo_target"; name: string; word: Word }
  | { kind: "folder"; path: string; word: Word }
  | {
    kind: "word";
    word: Word;
    rule: "unknown_subcommand" | "unknown_flag";
    of: string;
    known: readonly string[];
  }
  | { kind: "remote"; specifier: string; word: Word }
  /** An argument that is checked only if it looks like a path of this repository. */
  | { kind: "mention"; word: Word }
  /** Shell text inside a word, such as that of `bash -c`. */
  | { kind: "nested"; word: Word };

/** How a command is read: who runs it and what that requires. */
export interface CommandReading {
  runner: string;
  /** The script, task, target or module it names. */
  target?: string;
  claims: Claim[];
}

/** Reads the arguments of one runner; `folder` is the root-relative working folder. */
export type RunnerReader = (name: string, args: readonly Word[], folder: string) => CommandReading;

/** Whether a word's value is fixed text, so that something can be asked of it. */
export function isFixed(word: Word | undefined): word is Word {
  return word !== undefined && !word.expands && word.text !== "" && !isPlaceholder(word.text);
}

/** A word as a root-relative path, or `undefined` if it leads out of the root or is not fixed. */
export function pathOf(word: Word, folder: string): string | undefined {
  if (!isFixed(word) || /^(?:~|[a-z][a-z0-9+.-]+:|\/|[A-Za-z]:[\\/])/i.test(word.text)) {
    return undefined;
  }
  return resolveInside(folder, word.text.replaceAll("\\", "/"));
}

/** A claim that a word names an existing script which gets `args`; none if the word is open. */
export function scriptClaim(
  word: Word | undefined,
  args: readonly Word[],
  folder: string,
): Claim[] {
  const path = word === undefined ? undefined : pathOf(word, folder);
  return word === undefined || path === undefined ? [] : [{ kind: "script", path, word, args }];
}

/** A claim that a word names an existing file or folder. */
export function fileClaim(word: Word | undefined, folder: string): Claim[] {
  const path = word === undefined ? undefined : pathOf(word, folder);
  return word === undefined || path === undefined ? [] : [{ kind: "file", path, word }];
}

/** Splits arguments into options and operands, given which options take the next word. */
export function splitOptions(
  args: readonly Word[],
  withValue: (flag: string) => boolean,
): { options: { flag: Word; value?: Word }[]; operands: Word[]; first: number } {
  const options: { flag: Word; value?: Word }[] = [];
  const operands: Word[] = [];
  let first = args.length;
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    if (word === undefined) break;
    if (
      !word.text.startsWith("-") || word.text === "-" || word.quoted && !word.text.startsWith("--")
    ) {
      if (operands.length === 0) first = i;
      operands.push(word);
      continue;
    }
    if (word.text === "--") {
      operands.push(...args.slice(i + 1));
      first = Math.min(first, i + 1);
      break;
    }
    const value = withValue(word.text) ? args[++i] : undefined;
    options.push({ flag: word, ...(value === undefined ? {} : { value }) });
  }
  return { options, operands, first };
}
