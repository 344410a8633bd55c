import type { Judgement } from "./judgement.ts";
import type { DocumentPlace, Facts, Reference, ReferenceStatus, Rule } from "./reference.ts";
import type { CommandReading } from "./runner_claim.ts";
import type { SimpleCommand, Word } from "./shell_words.ts";

/** A documented command and what became of it. */
export interface CommandUse {
  raw: string;
  line: number;
  column: number;
  runner: string;
  target?: string;
  argv: string[];
  status: ReferenceStatus;
  /** Rule of the first claim that does not hold. */
  reason?: Rule;
}

/** Where a command text stands. */
export interface CommandPlace {
  doc: DocumentPlace;
  facts: Facts;
  /** From an offset in the command text to a place in the document. */
  place(offset: number): { line: number; column: number };
}

/** What one command text claims. */
export interface CommandJudgement {
  commands: CommandUse[];
  references: Reference[];
  /** The last script that was named, for flags mentioned after it. */
  script?: string;
}

/** Tasks may call tasks; a chain longer than this proves nothing. */
export const CHAIN_LIMIT = 8;

/** One claim's outcome at the word that makes it. */
export interface WordJudgement {
  word: Word;
  judgement: Judgement;
}

/** Judges what a command reading claims; tasks, aliases and nested shells come back to it. */
export type ReadingJudge = (
  reading: CommandReading,
  command: SimpleCommand,
  folder: string,
  at: CommandPlace,
  depth: number,
) => WordJudgement[];

/** One outcome at one word. */
export function one(word: Word, judgement: Judgement): WordJudgement[] {
  return [{ word, judgement }];
}
