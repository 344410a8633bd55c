import { AssertionError } from "./assertion_error.ts";
import { format } from "./_format.ts";
import { suffix } from "./_message.ts";
import { equal } from "./equal.ts";

/**
 * Asserts that two values are not deeply equal.
 *
 * @throws {AssertionError} If they are equal.
 */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${format(actual)} not to be: ${format(expected)}${suffix(msg)}`,
  );
}
