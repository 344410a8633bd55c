import { AssertionError } from "./assertion_error.ts";
import { type ErrorClass, expectation, requireError } from "./_error.ts";
import { suffix } from "./_message.ts";

/**
 * Asserts that a function returns a promise that rejects, whatever with.
 *
 * @returns What it was rejected with.
 * @throws {AssertionError} If the promise resolves, or the function throws or returns no promise.
 */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/**
 * Asserts that a function returns a promise that rejects with an error of a class or a subclass of it.
 *
 * @returns The error.
 * @throws {AssertionError} If the promise resolves or rejects with something else, the message does
 * not contain `msgIncludes`, or the function throws or returns no promise.
 */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  errorClassOrMsg?: ErrorClass<Error> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): Promise<unknown> {
  const wanted = expectation(errorClassOrMsg, msgIncludesOrMsg, msg);
  const promise = start(fn, suffix(wanted.msg));
  try {
    await promise;
  } catch (error) {
    requireError(error, "rejected", wanted);
    return error;
  }
  throw new AssertionError(`Expected function to reject${suffix(wanted.msg)}`);
}

/** Calls the function, which must return a promise rather than throw. */
function start(fn: () => PromiseLike<unknown>, end: string): PromiseLike<unknown> {
  const message = `Function throws when expected to reject${end}`;
  let returned: unknown;
  try {
    returned = fn();
  } catch (cause) {
    throw new AssertionError(message, { cause });
  }
  if (isPromiseLike(returned)) return returned;
  throw new AssertionError(message);
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
