import type { Mode } from "../report/check.ts";
import type { LockBusyError } from "../store/lock.ts";
import type { Outcome } from "./command.ts";
import { EXIT, IoError, NotReadyError, UsageError } from "./errors.ts";
import { redact } from "../scan/redact.ts";
import { say } from "./say.ts";

/** How a run ended. */
export interface Ended {
  outcome: Outcome;
  /** The exit code where it does not follow from the checks. */
  exit?: number;
}

/** A run that ended in an error still answers with a check, so that a report can be written. */
function failedRun(id: string, mode: Mode, value: unknown, expect: string, hint: string): Outcome {
  return { checks: [{ id, ok: false, mode, value, expect, hint }], headline: String(value) };
}

function deniedHint(error: Error, root: string): string {
  return Deno.cwd() === root
    ? `grant what the script declares in its first line: ${error.message}`
    : `the script's permissions reach the working directory only: run it from ${root}`;
}

/** By name: most scripts take no lock, and need not load one to tell. */
function isLockBusy(error: unknown): error is LockBusyError {
  return error instanceof Error && error.name === "LockBusyError";
}

/**
 * What an error means for the report and the exit code. An error nobody expected is a defect: its
 * stack goes to stderr, and the exit code is 70.
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
  if (interrupted !== undefined) {
    const outcome = failedRun(
      "run_completed",
      "enforce",
      message,
      "a run to the end",
      "run it again",
    );
    return { outcome, exit: interrupted };
  }
  if (error instanceof UsageError) {
    const hint = error.hint ?? "--help shows what is expected";
    return {
      outcome: failedRun("call_valid", "enforce", message, "a valid call", hint),
      exit: EXIT.usage,
    };
  }
  if (error instanceof NotReadyError || isLockBusy(error)) {
    const hint = (error instanceof NotReadyError ? error.hint : undefined) ??
      "try again in a moment";
    return {
      outcome: failedRun("ready", "enforce", message, "everything needed is there", hint),
      exit: EXIT.retry,
    };
  }
  if (error instanceof Deno.errors.NotCapable) {
    const outcome = failedRun(
      "permitted",
      "enforce",
      message,
      "the declared permissions",
      deniedHint(error, root),
    );
    return { outcome, exit: EXIT.internal };
  }
  if (error instanceof IoError) {
    const hint = error.hint ?? "mend what the message names";
    return {
      outcome: failedRun(
        "state_readable",
        "enforce",
        message,
        "state that can be read and written",
        hint,
      ),
      exit: EXIT.internal,
    };
  }
  say(redact(error instanceof Error && error.stack !== undefined ? error.stack : message, secrets));
  const hint = "this is a defect of the toolkit: report it with the lines above";
  return {
    outcome: failedRun("no_internal_error", "enforce", message, "no internal error", hint),
    exit: EXIT.internal,
  };
}
