import { redact } from "../scan/redact.ts";
import type { Channel } from "../policy/incident_routing.ts";
import { type Attempt, isTransient, parseRetryAfter } from "./attempt.ts";
import { Deadline } from "./deadline.ts";
import { bodyFor, type IncidentMessage, signedHeaders } from "./message.ts";
import { type HttpAnswer, postJson, TargetRefusedError } from "./post_json.ts";
import type { Target } from "./target.ts";
import { type TargetRules, urlFault } from "./target_rules.ts";

/** What a request needs besides its target. */
export interface HttpSender {
  rules: TargetRules;
  signingKey: string | undefined;
  feishuSecret: string | undefined;
  /** Per attempt, seconds. */
  timeoutS: number;
}

/** Codes by which Feishu says "too many requests". */
const FEISHU_BUSY = [9499, 11_232];

/** Feishu's word for a signature or a time it does not accept. */
const FEISHU_SIGNATURE = 19_021;

function judgeFeishu({ status, body }: HttpAnswer): Attempt {
  let code: unknown;
  try {
    const answer = JSON.parse(body) as { code?: unknown; StatusCode?: unknown } | null;
    code = answer?.code ?? answer?.StatusCode;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (code === 0) {
    return { ok: true, status: `http_${status}`, status_code: status, retryable: false };
  }
  const known = typeof code === "number" ? String(code) : "unknown";
  const hint = code === FEISHU_SIGNATURE ? "; compare this machine's clock, and the secret" : "";
  return {
    ok: false,
    status: `feishu_code_${known}`,
    status_code: status,
    retryable: typeof code === "number" && FEISHU_BUSY.includes(code),
    error: `answered with code ${known}${hint}`,
  };
}

/** What an answer means: each channel has its own way of saying that it took the message. */
export function judgeAnswer(channel: Channel, answer: HttpAnswer, nowMs: number): Attempt {
  const { status, body, retryAfter } = answer;
  const code = { status_code: status, status: `http_${status}` };
  if (status < 200 || status > 299) {
    const waitS = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, nowMs);
    return {
      ...code,
      ok: false,
      retryable: isTransient(status),
      error: status >= 300 && status < 400 ? "redirects are not followed" : `answered ${status}`,
      ...(waitS === undefined ? {} : { retryAfterS: waitS }),
    };
  }
  if (channel === "feishu") return judgeFeishu(answer);
  if (channel === "slack" && (status !== 200 || body.trim() !== "ok")) {
    const error = 'answered otherwise than with "ok"';
    return { ok: false, status: "slack_not_ok", status_code: status, retryable: false, error };
  }
  return { ...code, ok: true, retryable: false };
}

function judgeError(error: unknown, address: string): Attempt {
  const { name, message, code } = error as Error & { code?: string };
  const unsent = { ok: false, status_code: 0 };
  if (error instanceof TargetRefusedError) {
    return { ...unsent, status: "target_refused", retryable: false, error: message };
  }
  if (["AbortError", "TimeoutError"].includes(name)) {
    return { ...unsent, status: "timeout", retryable: true, error: "no answer in time" };
  }
  const certificate = /cert|self.signed|altname/i.test(`${code} ${message}`);
  const text = redact(`${code ?? name}: ${message}`, [address]).slice(0, 300);
  return { ...unsent, status: "url_error", retryable: !certificate, error: text };
}

/** Sends a message once by HTTP; never throws for what the outside world does. */
export async function sendHttp(
  target: Target & { channel: Exclude<Channel, "email"> },
  message: IncidentMessage,
  id: string,
  { rules, signingKey, feishuSecret, timeoutS }: HttpSender,
  signal: AbortSignal,
): Promise<Attempt> {
  const fault = urlFault(rules, target.address);
  if (fault !== undefined) {
    return { ok: false, status: "target_refused", status_code: 0, retryable: false, error: fault };
  }
  const timestampS = Math.floor(Date.now() / 1000);
  const body = await bodyFor(target.channel, message, { deliveryId: id, feishuSecret, timestampS });
  const headers = target.channel === "webhook" && signingKey !== undefined
    ? await signedHeaders(signingKey, { id, timestampS, body })
    : {};
  using limit = new Deadline(timeoutS, signal);
  try {
    const answer = await postJson(new URL(target.address), {
      body,
      headers: target.channel === "webhook" ? { "webhook-id": id, ...headers } : headers,
      rules,
      signal: limit.signal,
    });
    return judgeAnswer(target.channel, answer, Date.now());
  } catch (error) {
    return judgeError(error, target.address);
  }
}
