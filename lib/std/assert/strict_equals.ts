import { AssertionError } from "./assertion_error.ts";
import { difference } from "./_difference.ts";
import { format } from "./_format.ts";
import { suffix } from "./_message.ts";

/**
 * Asserts that two values are the same by `Object.is`, and narrows the type of the first.
 *
 * @throws {AssertionError} If they are not, even when they only look the same.
 */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const shown = format(actual);
  if (shown !== format(expected)) {
    throw new AssertionError(
      `Values are not strictly equal${suffix(msg)}\n${difference(actual, expected)}`,
    );
  }
  const indented = shown.replace(/^/gm, "    ");
  throw new AssertionError(
    `Values have the same structure but are not reference-equal${suffix(msg)}\n\n${indented}\n`,
  );
}
