import { AssertionError } from "./assertion_error.ts";
import { difference } from "./_difference.ts";
import { suffix } from "./_message.ts";
import { equal } from "./equal.ts";

/**
 * Asserts deep equality as {@linkcode equal} defines it; shows the difference if it fails.
 *
 * @throws {AssertionError} If the values differ.
 */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(
    `Values are not equal${suffix(msg)}\n${difference(actual, expected)}`,
  );
}
