/** Exit codes of every script. 1 is never ours: the runtime uses it for a broken program. */
export const EXIT = {
  pass: 0,
  failed: 2,
  usage: 64,
  internal: 70,
  retry: 75,
  interrupted: 130,
  terminated: 143,
} as const;

/** Something the operator can mend on the command line, in the environment or in configuration. */
export class UsageError extends Error {
  override name = "UsageError";
  constructor(message: string, readonly hint?: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** State or a system could not be read or written; nothing was changed. Exit 70, without a stack. */
export class IoError extends Error {
  override name = "IoError";
  constructor(message: string, readonly hint?: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** What is needed is not there yet, or busy; the same call may succeed later. Exit 75. */
export class NotReadyError extends Error {
  override name = "NotReadyError";
  constructor(message: string, readonly hint?: string, options?: ErrorOptions) {
    super(message, options);
  }
}
