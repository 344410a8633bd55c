import { redact } from "../scan/redact.ts";
import type { Outcome } from "./command.ts";
import { EXIT } from "./errors.ts";
import { say } from "./say.ts";

/** How a run ended. */
export interface Ended {
  outcome: Outcome;
  /** The exit code where it does not follow from the checks. */
  exit?: number;
}

/** What a kind of error says about the run. */
interface Meaning {
  /** Id of the check that fails. */
  id: string;
  expect: string;
  /** Unless the error has a hint of its own. */
  hint: string;
  exit: number;
}

const CALL = { id: "call_valid", expect: "a valid call", exit: EXIT.usage };
const READY = { id: "ready", expect: "everything needed is there", exit: EXIT.retry };
const STATE = {
  id: "state_readable",
  expect: "state that can be read and written",
  exit: EXIT.internal,
};

/** Errors by name: a script that takes no lock need not load the lock to know its error. */
const MEANINGS: Record<string, Meaning> = {
  UsageError: { ...CALL, hint: "--help shows what is expected" },
  AuditRecordError: { ...CALL, hint: "correct the record: it could never be verified later" },
  NotReadyError: { ...READY, hint: "try again in a moment" },
  LockBusyError: { ...READY, hint: "try again in a moment" },
  IoError: { ...STATE, hint: "mend what the message names" },
  NotAFileError: { ...STATE, hint: "mend what the message names" },
  AuditChainError: {
    ...STATE,
    hint: "deno task verify_audit_chain tells what is wrong with the log",
  },
};

const DEFECT: Meaning = {
  id: "no_internal_error",
  expect: "no internal error",
  hint: "this is a defect of the toolkit: report it with the lines above",
  exit: EXIT.internal,
};

function denied(error: Error, root: string): Meaning {
  const hint = Deno.cwd() === root
    ? `grant what the script declares in its first line: ${error.message}`
    : `the script's permissions reach the working directory only: run it from ${root}`;
  return { id: "permitted", expect: "the declared permissions", hint, exit: EXIT.internal };
}

function meaningOf(error: unknown, interrupted: number | undefined, root: string): Meaning {
  if (interrupted !== undefined) {
    return {
      id: "run_completed",
      expect: "a run to the end",
      hint: "run it again",
      exit: interrupted,
    };
  }
  if (error instanceof Deno.errors.NotCapable) return denied(error, root);
  return (error instanceof Error ? MEANINGS[error.name] : undefined) ?? DEFECT;
}

/**
 * What an error means for the report and the exit code. An error nobody expected is a defect: its
 * stack goes to stderr, and the exit code is 70. A run that ended in an error still answers with a
 * check, so that a report can be written.
 *
 * @param interrupted Exit code of the signal that stopped the run, if one did.
 * @param secrets Kept out of the stack.
 */
export function fromError(
  error: unknown,
  { interrupted, root, secrets }: {
    interrupted: number | undefined;
    root: string;
    secrets: readonly string[];
  },
): Ended {
  const message = error instanceof Error ? error.message : String(error);
  const meaning = meaningOf(error, interrupted, root);
  if (meaning === DEFECT) {
    const stack = error instanceof Error ? error.stack ?? message : message;
    say(redact(stack, secrets));
  }
  const { id, expect, exit } = meaning;
  const hint = (error as { hint?: string } | undefined)?.hint ?? meaning.hint;
  return {
    outcome: {
      checks: [{ id, ok: false, mode: "enforce", value: message, expect, hint }],
      headline: message,
    },
    exit,
  };
}
