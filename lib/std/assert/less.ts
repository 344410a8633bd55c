import { AssertionError } from "./assertion_error.ts";
import { format } from "./_format.ts";

/**
 * Asserts that the actual value is less than the expected one.
 *
 * @throws {AssertionError} If it is not, with `msg` as the whole message when given.
 */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw new AssertionError(msg ?? `Expect ${format(actual)} < ${format(expected)}`);
}
