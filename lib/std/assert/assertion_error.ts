/** Thrown by every assertion that does not hold. */
export class AssertionError extends Error {
  /** Takes the message and, in `options.cause`, what led to the failure. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}
