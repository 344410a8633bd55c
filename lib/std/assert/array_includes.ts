import { AssertionError } from "./assertion_error.ts";
import { format } from "./_format.ts";
import { suffix } from "./_message.ts";
import { equal } from "./equal.ts";

/** An array-like value that is not a string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/**
 * Asserts that every expected item has a deeply equal one among the actual, in any order.
 *
 * @throws {AssertionError} If one is missing.
 */
export function assertArrayIncludes<T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
): void {
  const present = Array.from(actual);
  const missing = Array.from(expected).filter((item) =>
    !present.some((other) => equal(item, other))
  );
  if (missing.length === 0) return;
  throw new AssertionError(
    `Expected actual: "${format(actual)}" to include: "${format(expected)}"${
      suffix(msg)
    }\nmissing: ${format(missing)}`,
  );
}
