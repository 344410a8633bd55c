import { z } from "zod";
import type { Channel } from "../policy/incident_routing.ts";
import { Incident } from "./incident.ts";

/** What every channel is told, each in its own form. */
export const IncidentMessage = z.looseObject({
  schema_version: z.literal(1),
  source: z.string(),
  report_path: z.string(),
  incident: Incident,
  generated_at: z.number().describe("Epoch seconds"),
  brief: z.string(),
});
export type IncidentMessage = z.output<typeof IncidentMessage>;

/** Most characters of the text that chats are sent. */
const LONGEST_TEXT = 3000;

function brief(incident: Incident, reportPath: string): string {
  const facts: [name: string, value: string][] = [
    ["incident_id", incident.incident_id],
    ["title", incident.title],
    ["severity", incident.severity],
    ["escalation_level", incident.escalation_level],
    ["status", incident.status],
    ["owner", incident.owner],
    ["scope", incident.scope],
    ["report_path", reportPath],
  ];
  // A fact stays on its line, so that no title can pose as another fact.
  const lines = facts.map(([name, value]) => `${name}=${value.replaceAll(/[\p{Cc}\s]+/gu, " ")}`);
  const head = incident.drill
    ? "Release incident (drill, nothing has happened)"
    : "Release incident";
  return [head, ...lines].join("\n");
}

/** Puts the message together. */
export function messageOf(
  incident: Incident,
  { source, reportPath, nowS }: { source: string; reportPath: string; nowS: number },
): IncidentMessage {
  return {
    schema_version: 1,
    source,
    report_path: reportPath,
    incident,
    generated_at: Math.round(nowS * 1000) / 1000,
    brief: brief(incident, reportPath),
  };
}

const shortened = (text: string): string =>
  text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT).toWellFormed()}\u2026`;

/** Slack reads `<...>` as links and mentions; escaped, everything is text. */
function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Feishu reads `<at ...>` as a mention, even of everybody; with another sign it is text. */
function feishuText(text: string): string {
  return text.replaceAll(/<(?=\s*\/?\s*at\b)/gi, "\uFF1C");
}

async function hmac(key: Uint8Array<ArrayBuffer>, message: string): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  const bytes = new TextEncoder().encode(message);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes));
}

/**
 * The signature of a Feishu bot: base64 of an HMAC over nothing, with time and secret as its key.
 *
 * @param timestampS Whole epoch seconds.
 */
export async function feishuSign(secret: string, timestampS: number): Promise<string> {
  const key = new TextEncoder().encode(`${timestampS}\n${secret}`);
  return (await hmac(key, "")).toBase64();
}

/**
 * The headers by which a receiver knows who sent a webhook, and when: `X-WA-*`, and those of
 * Standard Webhooks 1.0. Both are over the raw body.
 *
 * @param timestampS Whole epoch seconds.
 */
export async function signedHeaders(
  key: string,
  { id, timestampS, body }: { id: string; timestampS: number; body: string },
): Promise<Record<string, string>> {
  const bytes = new TextEncoder().encode(key);
  const standard = key.startsWith("whsec_") ? Uint8Array.fromBase64(key.slice(6)) : bytes;
  return {
    "X-WA-Timestamp": String(timestampS),
    "X-WA-Signature": `sha256=${(await hmac(bytes, `${timestampS}.${body}`)).toHex()}`,
    "webhook-id": id,
    "webhook-timestamp": String(timestampS),
    "webhook-signature": `v1,${(await hmac(standard, `${id}.${timestampS}.${body}`)).toBase64()}`,
  };
}

/** The JSON body that a channel is sent. */
export async function bodyFor(
  channel: Exclude<Channel, "email">,
  message: IncidentMessage,
  { deliveryId, feishuSecret, timestampS }: {
    deliveryId: string;
    feishuSecret: string | undefined;
    timestampS: number;
  },
): Promise<string> {
  if (channel === "webhook") return JSON.stringify({ ...message, delivery_id: deliveryId });
  const text = shortened(message.brief);
  if (channel === "slack") return JSON.stringify({ text: slackText(text) });
  const signed = feishuSecret === undefined
    ? {}
    : { timestamp: String(timestampS), sign: await feishuSign(feishuSecret, timestampS) };
  return JSON.stringify({ ...signed, msg_type: "text", content: { text: feishuText(text) } });
}
