import type { Channel } from "../policy/incident_routing.ts";
import { type Attempt, type AttemptRow, retryDelayS, type RetryRules } from "./attempt.ts";
import type { DeadLetter, DeadLetters } from "./dead_letter.ts";
import { Deadline } from "./deadline.ts";
import type { IncidentMessage } from "./message.ts";
import type { Outbox, OutboxRecord } from "./outbox.ts";
import { type HttpSender, sendHttp } from "./send_http.ts";
import { type MailSender, sendMail } from "./send_mail.ts";
import type { Target } from "./target.ts";

/** One message on its way to one place. */
export interface Delivery {
  id: string;
  target: Target;
  message: IncidentMessage;
}

/** One row of the report's `channels`. */
export interface DeliveryRow {
  channel: Channel;
  /** As reports show it. */
  target: string;
  delivery_id: string;
  ok: boolean;
  /** Of the last attempt; `already_sent` where there was nothing to do. */
  status: string;
  /** An earlier run ended before it knew whether this was sent. */
  resumed: boolean;
  attempts: AttemptRow[];
  /** Of the dead letter, where it failed. */
  dead_letter?: string;
}

/** Everything that sending needs. */
export interface Sending {
  http: HttpSender;
  mail: MailSender;
  retry: RetryRules;
  outbox: Outbox;
  letters: DeadLetters;
  /** Aborted when the run is stopped or out of time. */
  signal: AbortSignal;
  /** When the run is out of time, on the clock of `performance.now`, milliseconds. */
  deadlineMs: number;
}

const nowS = (): number => Date.now() / 1000;
const round3 = (seconds: number): number => Math.round(seconds * 1000) / 1000;

async function once({ id, target, message }: Delivery, sending: Sending): Promise<Attempt> {
  const { channel } = target;
  return channel === "email"
    ? await sendMail(target, message, id, sending.mail, sending.signal)
    : await sendHttp({ ...target, channel }, message, id, sending.http, sending.signal);
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using limit = new Deadline(seconds, signal);
  limit.signal.addEventListener("abort", () => resolve(), { once: true });
  if (limit.signal.aborted) resolve();
  await promise;
}

/** Tries until it is sent, cannot be, or there is no time to wait for the next try. */
async function tryAll(delivery: Delivery, sending: Sending): Promise<AttemptRow[]> {
  const rows: AttemptRow[] = [];
  for (let waitedS = 0;;) {
    const start = performance.now();
    const { retryAfterS, ...attempt } = await once(delivery, sending);
    const durationS = (performance.now() - start) / 1000;
    rows.push({
      attempt: rows.length + 1,
      ...attempt,
      duration_s: round3(durationS),
      waited_s: round3(waitedS),
    });
    const { retries } = sending.retry;
    if (!attempt.retryable || rows.length > retries || sending.signal.aborted) return rows;
    waitedS = retryDelayS(sending.retry, rows.length, retryAfterS, Math.random());
    if (performance.now() + waitedS * 1000 > sending.deadlineMs) return rows;
    await pause(waitedS, sending.signal);
    if (sending.signal.aborted) return rows;
  }
}

/** The dead letter of a delivery. */
export function letterOf({ id, target, message }: Delivery, reason: string): DeadLetter {
  return {
    schema_version: 1,
    kind: "incident_notify_dead_letter",
    created_at: nowS(),
    updated_at: nowS(),
    reason,
    delivery_id: id,
    channel: target.channel,
    target: target.shown,
    target_sha256: target.digest,
    message,
    replayed_at: null,
  };
}

/**
 * Makes one delivery, unless it was made before. Whatever happens, the outbox knows before and
 * after, and a failure leaves a dead letter. The caller holds the outbox' lock.
 */
export async function deliver(delivery: Delivery, sending: Sending): Promise<DeliveryRow> {
  const { id, target, message } = delivery;
  const { outbox, letters } = sending;
  const before = await outbox.read(id);
  const row = {
    channel: target.channel,
    target: target.shown,
    delivery_id: id,
    resumed: before?.state === "sending",
  };
  if (before?.state === "sent") {
    await letters.retire(letterOf(delivery, ""), nowS());
    return { ...row, ok: true, status: "already_sent", attempts: [] };
  }
  const record = (state: OutboxRecord["state"], tries: number): Promise<void> =>
    outbox.write({
      delivery_id: id,
      incident_id: message.incident.incident_id,
      channel: target.channel,
      target: target.shown,
      state,
      attempts: (before?.attempts ?? 0) + tries,
      updated_at: nowS(),
    });
  await record("sending", 0);
  const attempts = await tryAll(delivery, sending);
  const { ok, status } = attempts.at(-1)!;
  if (ok) {
    await record("sent", attempts.length);
    await letters.retire(letterOf(delivery, ""), nowS());
    return { ...row, ok, status, attempts };
  }
  const letter = await letters.file(letterOf(delivery, status));
  await record("dead", attempts.length);
  return { ...row, ok, status, attempts, dead_letter: letter };
}
