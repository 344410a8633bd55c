import { AssertionError } from "./assertion_error.ts";
import { type ErrorClass, expectation, requireError } from "./_error.ts";
import { suffix } from "./_message.ts";

/**
 * Asserts that a function throws, whatever it is.
 *
 * @returns What was thrown.
 * @throws {AssertionError} If it returns.
 */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/**
 * Asserts that a function throws an error of a class or a subclass of it.
 *
 * @returns The error.
 * @throws {AssertionError} If it returns, throws something else, or the message does not contain
 * `msgIncludes`.
 */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  errorClassOrMsg?: ErrorClass<Error> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): unknown {
  const wanted = expectation(errorClassOrMsg, msgIncludesOrMsg, msg);
  try {
    fn();
  } catch (error) {
    requireError(error, "thrown", wanted);
    return error;
  }
  throw new AssertionError(`Expected function to throw${suffix(wanted.msg)}`);
}
