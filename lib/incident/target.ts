import type { Channel } from "../policy/incident_routing.ts";
import { canonicalJson } from "../store/canonical.ts";
import { sha256Hex } from "../store/digest.ts";
import type { Incident } from "./incident.ts";

/** One place that a message can be sent to. */
export interface Target {
  channel: Channel;
  /** A URL or an e-mail address; URLs are secrets. */
  address: string;
  /** What reports say of it. */
  shown: string;
  /** SHA-256 of the address. */
  digest: string;
}

/** Scheme and host of a URL with eight digits of its digest, or an address without its name. */
function shownAs(channel: Channel, address: string, digest: string): string {
  if (channel === "email") {
    const at = address.lastIndexOf("@");
    return at < 1 ? "***" : `${address.slice(0, 1)}***${address.slice(at)}`;
  }
  const url = URL.parse(address);
  const place = url === null || url.host === "" ? "not a URL" : `${url.protocol}//${url.host}`;
  return `${place} sha256:${digest.slice(0, 8)}`;
}

/** Describes an address. */
export async function targetOf(channel: Channel, address: string): Promise<Target> {
  const digest = await sha256Hex(address);
  return { channel, address, shown: shownAs(channel, address, digest), digest };
}

/**
 * The name of a delivery: the same for the same news of an incident to the same place, so that no
 * run tells anybody twice. Another level, severity or status is other news.
 *
 * @returns SHA-256, lower-case hex.
 */
export async function deliveryId(
  { incident_id, escalation_level, severity, status }: Incident,
  { channel, digest }: Pick<Target, "channel" | "digest">,
): Promise<string> {
  const news = { incident_id, level: escalation_level, severity, status };
  return await sha256Hex(canonicalJson({ ...news, channel, target: digest }));
}
