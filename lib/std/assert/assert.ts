import { AssertionError } from "./assertion_error.ts";

/**
 * Asserts that a value is truthy, and narrows its type.
 *
 * @throws {AssertionError} If it is falsy.
 */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}
