/** How one try to send went. */
export interface Attempt {
  ok: boolean;
  /** `http_200`, `smtp_250`, `timeout`, `url_error`, ... */
  status: string;
  /** Of HTTP or SMTP; 0 where there was no answer. */
  status_code: number;
  /** Whether trying again can help. */
  retryable: boolean;
  error?: string;
  /** How long the receiver asked to be left alone, seconds. */
  retryAfterS?: number;
}

/** An attempt as reports hold it. */
export interface AttemptRow extends Omit<Attempt, "retryAfterS"> {
  /** Counts from 1. */
  attempt: number;
  duration_s: number;
  /** Wait before it, seconds. */
  waited_s: number;
}

/** Times and counts of trying again. */
export interface RetryRules {
  /** Tries after the first one. */
  retries: number;
  /** Bound of the first wait, seconds; each further bound is twice as long. */
  backoffS: number;
  /** Longest wait that is made up here, seconds. */
  capS: number;
}

/**
 * How long to wait before a try: anything up to a bound that doubles ("full jitter"), but never
 * less than the receiver asked for.
 *
 * @param tried Tries made so far, from 1.
 * @param random 0 to 1.
 * @returns Seconds.
 */
export function retryDelayS(
  { backoffS, capS }: RetryRules,
  tried: number,
  retryAfterS: number | undefined,
  random: number,
): number {
  const bound = Math.min(capS, backoffS * 2 ** (tried - 1));
  return Math.max(random * bound, retryAfterS ?? 0);
}

/**
 * The value of `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
 *
 * @param nowMs Epoch milliseconds.
 * @returns Seconds from now, at least 0; undefined where the text is neither.
 */
export function parseRetryAfter(text: string, nowMs: number): number | undefined {
  if (/^\d{1,9}$/.test(text.trim())) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - nowMs) / 1000);
}

/** Whether a server may answer otherwise later, by its HTTP status. */
export function isTransient(status: number): boolean {
  return [408, 425, 429].includes(status) || status >= 500;
}
