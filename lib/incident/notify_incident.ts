import type { Check } from "../report/check.ts";
import type { Configuration, NotifyRun } from "./configuration.ts";
import { DeadLetters } from "./dead_letter.ts";
import type { DeliveryRow } from "./deliver.ts";
import { findIncident } from "./find_incident.ts";
import { type Incident, isEscalated } from "./incident.ts";
import { messageOf } from "./message.ts";
import { Outbox } from "./outbox.ts";
import { type Plan, planOf } from "./plan.ts";
import { sendAll } from "./send_all.ts";

/** What a run did, whether for an incident or for dead letters. */
export interface Notification {
  mode: "normal" | "replay" | "dry_run";
  /** The one incident it was about. */
  incident: Incident | undefined;
  /** Path of its report; empty where there is none. */
  incidentReport: string;
  /** Nobody had to be told. */
  skipped: boolean;
  /** `no_incident`, `no_escalation`, `muted`, `no_channel_selected`, `channel_failed` or empty. */
  reason: string;
  plan: Pick<Plan, "routed" | "used" | "trace">;
  rows: DeliveryRow[];
  /** Dead letters that are there now. */
  deadLetters: string[];
  checks: Check[];
  /** What a dry run prints. */
  text?: string;
}

const NOBODY = { routed: [], used: [], trace: [] };

function drillCheck(incident: Incident, drill: boolean): Check {
  return {
    id: "incident_drill_declared",
    ok: incident.drill === drill,
    mode: "enforce",
    value: { incident: incident.drill, flag: drill },
    expect: "--drill for an incident that says drill: true, and for no other",
    hint: incident.drill ? "add --drill" : "leave --drill out",
  };
}

/** A letter for news that has no place to go: replay routes it anew. */
async function fileUnrouted(
  letters: DeadLetters,
  message: ReturnType<typeof messageOf>,
  reason: string,
): Promise<string> {
  const now = Date.now() / 1000;
  return await letters.file({
    schema_version: 1,
    kind: "incident_notify_dead_letter",
    created_at: now,
    updated_at: now,
    reason,
    delivery_id: null,
    channel: null,
    target: null,
    target_sha256: null,
    message,
    replayed_at: null,
  });
}

async function planText(plan: Plan, root: string): Promise<string> {
  const outbox = new Outbox(root);
  const lines = plan.trace.map(({ rule, matched, reason }) =>
    `rule ${rule}: ${matched ? "" : "no, "}${reason}`
  );
  for (const { id, target } of plan.deliveries) {
    const known = await outbox.read(id);
    const state = known?.state === "sent" ? "was told before" : "would be told";
    lines.push(`${target.channel} ${target.shown}: ${state} (${id.slice(0, 16)})`);
  }
  if (plan.deliveries.length === 0) lines.push("nobody would be told");
  return lines.join("\n") + "\n";
}

/** Tells whoever must be told of one incident. */
export async function notifyIncident(
  run: NotifyRun,
  configuration: Configuration,
): Promise<Notification> {
  const { flags, root, inputs, nowS, gate } = run;
  const file = flags["incident-report"];
  const search = { root, inputs, file, maxAgeS: flags["max-age-s"], nowS, gate };
  const { incident, path, checks } = await findIncident(search);
  const base: Notification = {
    mode: flags["dry-run"] ? "dry_run" : "normal",
    incident,
    incidentReport: path,
    skipped: false,
    reason: "",
    plan: NOBODY,
    rows: [],
    deadLetters: [],
    checks,
  };
  if (incident === undefined) return { ...base, skipped: true, reason: "no_incident" };
  if (flags["only-when-escalated"] && !isEscalated(incident)) {
    return { ...base, skipped: true, reason: "no_escalation" };
  }
  const drill = drillCheck(incident, flags.drill);
  checks.push(drill);
  if (!drill.ok) return { ...base, reason: "drill_undeclared" };
  const message = messageOf(incident, { source: flags.source, reportPath: path, nowS });
  const letters = new DeadLetters(root, flags["dead-letter-dir"], configuration.secrets);
  if (configuration.unusable) {
    if (flags["dry-run"]) return { ...base, reason: "routing_unusable" };
    const letter = await fileUnrouted(letters, message, "routing_unusable");
    return { ...base, reason: "routing_unusable", deadLetters: [letter] };
  }
  const plan = await planOf(run, configuration, message);
  checks.push(...plan.checks);
  if (flags["dry-run"]) return { ...base, plan, text: await planText(plan, root) };
  if (plan.used.length === 0) {
    if (plan.routed.length === 0) return { ...base, plan, skipped: true, reason: "muted" };
    const letter = await fileUnrouted(letters, message, "no_channel_selected");
    return { ...base, plan, reason: "no_channel_selected", deadLetters: [letter] };
  }
  const rows = await sendAll(run, configuration, letters, plan.deliveries);
  return {
    ...base,
    plan,
    rows,
    reason: rows.every(({ ok }) => ok) ? "" : "channel_failed",
    deadLetters: rows.flatMap(({ dead_letter }) => dead_letter ?? []),
  };
}
