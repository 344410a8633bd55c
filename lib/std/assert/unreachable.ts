import { AssertionError } from "./assertion_error.ts";
import { suffix } from "./_message.ts";

/**
 * Fails because a place was reached that must not be.
 *
 * @throws {AssertionError} Always.
 */
export function unreachable(reason?: string): never {
  throw new AssertionError(`Unreachable${suffix(reason)}`);
}
