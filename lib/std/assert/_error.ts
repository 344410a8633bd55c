import { AssertionError } from "./assertion_error.ts";
import { suffix } from "./_message.ts";

/** A class whose instances are errors, abstract ones included. */
export type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** What a caller of `assertThrows` or `assertRejects` asks of the error. */
export interface Expectation {
  errorClass: ErrorClass<Error> | undefined;
  msgIncludes: string | undefined;
  msg: string | undefined;
}

/** Sorts out the arguments: either a message alone, or a class, a part of its message and a message. */
export function expectation(
  errorClassOrMsg: ErrorClass<Error> | string | undefined,
  msgIncludesOrMsg: string | undefined,
  msg: string | undefined,
): Expectation {
  if (typeof errorClassOrMsg === "string") {
    return { errorClass: undefined, msgIncludes: undefined, msg: errorClassOrMsg };
  }
  return { errorClass: errorClassOrMsg, msgIncludes: msgIncludesOrMsg, msg };
}

/**
 * Checks class and message of something thrown, if a class was asked for.
 *
 * @throws {AssertionError} If it is no error, of another class, or its message lacks the text.
 */
export function requireError(
  thrown: unknown,
  how: "thrown" | "rejected",
  wanted: Expectation,
): void {
  const { errorClass, msgIncludes } = wanted;
  const end = suffix(wanted.msg);
  if (errorClass === undefined) return;
  if (!(thrown instanceof Error)) throw new AssertionError(`A non-Error object was ${how}${end}`);
  const isInstance: boolean = thrown instanceof errorClass;
  if (!isInstance) {
    const { name } = thrown.constructor;
    throw new AssertionError(
      `Expected error to be instance of "${errorClass.name}", but was "${name}"${end}`,
      { cause: thrown },
    );
  }
  if (msgIncludes === undefined) return;
  if (withoutColor(thrown.message).includes(withoutColor(msgIncludes))) return;
  throw new AssertionError(
    `Expected error message to include ${JSON.stringify(msgIncludes)}, but got ${
      JSON.stringify(thrown.message)
    }${end}`,
    { cause: thrown },
  );
}

function withoutColor(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}
