import { type Channel, CHANNELS } from "../policy/incident_routing.ts";
import { type Check, notApplicable } from "../report/check.ts";
import type { Configuration, NotifyRun } from "./configuration.ts";
import type { Delivery } from "./deliver.ts";
import type { IncidentMessage } from "./message.ts";
import { type Route, route } from "./route.ts";
import { deliveryId, type Target, targetOf } from "./target.ts";

/** Who is to be told. */
export interface Plan {
  /** Channels that routing chose, whether or not they have an address. */
  routed: Channel[];
  /** Channels that have an address, of those. */
  used: Channel[];
  deliveries: Delivery[];
  /** How routing came to its choice. */
  trace: Route["trace"];
  checks: Check[];
}

/** Every place of a channel. */
export async function targetsOf(
  { addresses }: Configuration,
  channel: Channel,
): Promise<Target[]> {
  const own = addresses[channel];
  const list = Array.isArray(own) ? own : own === undefined ? [] : [own];
  return await Promise.all(list.map((address) => targetOf(channel, address)));
}

function mailCheck({ flags, gate }: NotifyRun, recipients: number): Check | undefined {
  if (recipients === 0) return undefined;
  const from = flags["email-from"] !== undefined;
  const host = flags["smtp-host"] !== undefined;
  return {
    id: "email_config_complete",
    ok: from && host,
    mode: gate,
    value: { recipients, from, host },
    expect: "a sender and a mail server, where there are recipients",
    hint: `set ${from ? "WA_INCIDENT_SMTP_HOST" : "WA_INCIDENT_EMAIL_FROM"}`,
  };
}

function selectedCheck(run: NotifyRun, { routed, used }: Pick<Plan, "routed" | "used">): Check {
  const id = "incident_channel_selected";
  const expect = "a channel that has an address";
  if (routed.length === 0) return notApplicable(id, expect, "routing says to tell nobody now");
  const deferrable = run.flags["only-when-escalated"] && !run.strict;
  return {
    id,
    ok: used.length > 0,
    mode: deferrable ? "warn" : "enforce",
    value: { routed, used },
    expect,
    hint: `give ${routed.join(" or ")} an address, in the environment or the roster, then replay`,
  };
}

/** Plans one delivery for each place that routing chose. */
export async function planOf(
  run: NotifyRun,
  configuration: Configuration,
  message: IncidentMessage,
): Promise<Plan> {
  const { routing, at } = configuration;
  const { severity, owner } = message.incident;
  const { channels: routed, trace } = routing === undefined
    ? { channels: [...CHANNELS], trace: [] }
    : route(routing, { severity, owner }, at);
  const deliveries: Delivery[] = [];
  const checks: Check[] = [];
  for (const channel of routed) {
    const targets = await targetsOf(configuration, channel);
    const mail = channel === "email" ? mailCheck(run, targets.length) : undefined;
    if (mail !== undefined) checks.push(mail);
    // Mail comes last. Beside another channel, mail that cannot be sent fails and stays as a dead
    // letter; on its own, it is a channel without an address.
    if (mail?.ok === false && deliveries.length === 0) continue;
    for (const target of targets) {
      const id = await deliveryId(message.incident, target);
      deliveries.push({ id, target, message });
    }
  }
  const used = CHANNELS.filter((channel) =>
    deliveries.some(({ target }) => target.channel === channel)
  );
  checks.push(selectedCheck(run, { routed, used }));
  return { routed, used, deliveries, trace, checks };
}
