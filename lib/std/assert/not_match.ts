import { AssertionError } from "./assertion_error.ts";
import { suffix } from "./_message.ts";

/**
 * Asserts that a text does not match a pattern.
 *
 * @throws {AssertionError} If it does.
 */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to not match: "${expected}"${suffix(msg)}`,
  );
}
