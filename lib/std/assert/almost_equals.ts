import { AssertionError } from "./assertion_error.ts";
import { suffix } from "./_message.ts";

/**
 * Asserts that two numbers differ by at most a tolerance.
 *
 * @param tolerance Largest difference allowed; by default 1e-7 of the expected value, or 1e-7 if that is
 * infinite or NaN.
 * @throws {AssertionError} If they differ by more, or one is NaN and the other is not.
 */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const delta = Math.abs(expected - actual);
  if (delta <= allowed) return;
  throw new AssertionError(
    `Expected actual: "${show(actual)}" to be close to "${show(expected)}": ` +
      `delta "${show(delta)}" is greater than "${show(allowed)}"${suffix(msg)}`,
  );
}

function show(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toExponential();
}
