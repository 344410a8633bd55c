import { AssertionError } from "./assertion_error.ts";
import { suffix } from "./_message.ts";

/**
 * Fails unconditionally.
 *
 * @throws {AssertionError} Always.
 */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${suffix(msg)}`);
}
