/** Ends a sentence with the caller's message, or with a full stop when there is none. */
export function suffix(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}
