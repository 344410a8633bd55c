import type { Check } from "../report/check.ts";
import type { DeliveryRow } from "./deliver.ts";
import { DrillMailbox } from "./drill_mailbox.ts";
import type { DrillMail } from "./drill_mailbox.ts";
import type { DrillCall } from "./drill_receiver.ts";
import { DrillStage, type NotifierEnd, ONCALL_MAILBOX, type Rehearsal } from "./drill_stage.ts";
import { signatureFault } from "./judge_signature.ts";

/** What was seen when everything worked. */
export interface HappyPath {
  port: number;
  /** 0 without mail. */
  smtpPort: number;
  end: NotifierEnd;
  calls: DrillCall[];
  mails: DrillMail[];
  checks: Check[];
}

const HINT = "read notify_stderr and the notifier's report";

const row = (id: string, ok: boolean, value: unknown, expect: string, hint = HINT): Check => (
  { id, ok, mode: "enforce", value, expect, hint }
);

function parsed(call: DrillCall | undefined): Record<string, unknown> {
  try {
    return JSON.parse(call?.body ?? "null") ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Whether a text holds the nonce, and real line breaks around its facts. */
const isWhole = (text: unknown, nonce: string): boolean =>
  typeof text === "string" && text.includes(nonce) &&
  text.split(/\r?\n/).some((line) => /^incident_id=(3D)?INC-DRILL-/.test(line));

function channelChecks(rehearsal: Rehearsal, calls: readonly DrillCall[]): Check[] {
  const nonce = rehearsal.report.drill_id;
  const on = (path: string): DrillCall[] => calls.filter((call) => call.path === path);
  const [webhook] = on("/oncall-webhook");
  const [slack] = on("/slack");
  const [feishu] = on("/feishu");
  const { text } = parsed(slack);
  const { msg_type, content } = parsed(feishu) as {
    msg_type?: string;
    content?: { text?: string };
  };
  const body = parsed(webhook) as { brief?: string; incident?: { drill?: boolean } };
  const once = (path: string): Check => {
    const name = path.slice(1).replaceAll("-", "_");
    return row(`receiver_${name}_called`, on(path).length === 1, on(path).length, "1 call");
  };
  const marked = body.incident?.drill === true;
  return [
    once("/oncall-webhook"),
    once("/slack"),
    once("/feishu"),
    row(
      "webhook_payload_marked_drill",
      marked && isWhole(body.brief, nonce),
      { drill: marked, nonce: isWhole(body.brief, nonce) },
      "drill: true, the drill's nonce, and real line breaks",
    ),
    row("slack_payload_text", isWhole(text, nonce), typeof text, "text with the drill's nonce"),
    row(
      "feishu_payload_shape",
      msg_type === "text" && isWhole(content?.text, nonce),
      msg_type ?? null,
      'msg_type "text" with the drill\'s nonce',
    ),
  ];
}

async function signatureCheck(rehearsal: Rehearsal, calls: readonly DrillCall[]): Promise<Check[]> {
  const call = calls.find(({ path }) => path === "/oncall-webhook");
  const fault = call === undefined
    ? "there was no call"
    : await signatureFault(rehearsal.key, call, call.ts);
  const present = (call?.signature ?? "") !== "";
  return [
    row("webhook_signature_present", present, present, "X-WA-Signature"),
    row(
      "webhook_signature_valid",
      fault === undefined,
      fault ?? "recomputed and equal",
      "an HMAC of the drill's key over time and body, at a time that is now",
      "compare WA_INCIDENT_SIGNING_KEY on both sides, and the clocks",
    ),
  ];
}

function mailChecks({ report }: Rehearsal, mails: readonly DrillMail[]): Check[] {
  const [mail] = mails;
  const nonce = report.drill_id;
  const headers = ["date", "message-id", "auto-submitted", "references"].filter((name) =>
    new RegExp(`^${name}:\\s*\\S`, "im").test(mail?.text ?? "")
  );
  return [
    row(
      "receiver_email_called",
      mails.length === 1 && mail?.rcpttos[0] === ONCALL_MAILBOX,
      mails.map(({ rcpttos }) => rcpttos),
      `1 mail to ${ONCALL_MAILBOX}`,
    ),
    row(
      "email_payload_whole",
      isWhole(mail?.text, nonce) && headers.length === 4,
      { headers, nonce: isWhole(mail?.text, nonce) },
      "the drill's nonce, real line breaks, and the headers of an automatic mail",
    ),
  ];
}

function notifierChecks(
  { withEmail }: Rehearsal,
  { code, report }: NotifierEnd,
): Check[] {
  const channels = report.channels ?? [];
  const least = withEmail ? 4 : 3;
  const roster = report.oncall_roster as { loaded?: boolean; used?: boolean } | undefined;
  return [
    row("incident_notify_exit_zero", code === 0, code, "0"),
    row("incident_notify_report_ok", report.ok === true, report.ok ?? null, "true"),
    row("notify_channels_three", channels.length >= least, channels.length, `>= ${least}`),
    row("oncall_roster_loaded", roster?.loaded === true, roster?.loaded ?? null, "true"),
    row("oncall_roster_used", roster?.used === true, roster?.used ?? null, "true"),
  ];
}

/** Told before is told: a second run sends nothing. */
function repeatCheck(end: NotifierEnd, before: number, after: number): Check {
  const statuses = (end.report.channels ?? []).map(({ status }: DeliveryRow) => status);
  const quiet = statuses.length > 0 && statuses.every((status) => status === "already_sent");
  return row(
    "repeat_tells_nobody_twice",
    end.code === 0 && quiet && before === after,
    { exit: end.code, statuses, further_messages: after - before },
    "every delivery already_sent, nothing received",
  );
}

/** Tells everybody once through every channel, then runs the same again. */
export async function happyPath(rehearsal: Rehearsal): Promise<HappyPath> {
  const { withEmail, port } = rehearsal;
  await using stage = await DrillStage.make(rehearsal, "happy", { withEmail, port });
  await using mailbox = withEmail ? await DrillMailbox.start() : undefined;
  const env = {
    ...stage.oncall(),
    WA_INCIDENT_WEBHOOK_URL: stage.url("/webhook"),
    WA_INCIDENT_SLACK_WEBHOOK_URL: stage.url("/slack"),
    WA_INCIDENT_FEISHU_WEBHOOK_URL: stage.url("/feishu"),
    ...(mailbox === undefined ? {} : {
      WA_INCIDENT_EMAIL_FROM: "toolkit@drill.example.invalid",
      WA_INCIDENT_SMTP_HOST: "127.0.0.1",
      WA_INCIDENT_SMTP_PORT: String(mailbox.port),
      WA_INCIDENT_SMTP_STARTTLS: "0",
    }),
  };
  const args = ["--strict", "--prefer-oncall-roster=1"];
  const end = await stage.notify(env, ...args);
  const calls = [...stage.receiver.calls];
  const mails = [...mailbox?.mails ?? []];
  const again = await stage.notify(env, ...args);
  const received = stage.receiver.calls.length + (mailbox?.mails.length ?? 0);
  return {
    port: stage.receiver.port,
    smtpPort: mailbox?.port ?? 0,
    end,
    calls,
    mails,
    checks: [
      ...notifierChecks(rehearsal, end),
      ...channelChecks(rehearsal, calls),
      ...await signatureCheck(rehearsal, calls),
      ...withEmail ? mailChecks(rehearsal, mails) : [],
      repeatCheck(again, calls.length + mails.length, received),
    ],
  };
}
