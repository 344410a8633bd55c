import { recordAudit } from "../rollback/record_audit.ts";
import type { Outcome } from "../command/command.ts";
import { type Check, notApplicable } from "../report/check.ts";
import { redactedJson } from "../scan/redact.ts";
import type { Configuration, NotifyRun } from "./configuration.ts";
import type { DeliveryRow } from "./deliver.ts";
import type { Notification } from "./notify_incident.ts";

function deliveredCheck({ rows, reason, mode }: Notification): Check {
  const id = "incident_delivered";
  const expect = "everybody who was chosen is told";
  if (rows.length === 0) {
    const why = mode === "dry_run" ? "dry run" : reason === "" ? "nobody was to be told" : reason;
    return notApplicable(id, expect, why);
  }
  const failed = rows.filter(({ ok }) => !ok);
  return {
    id,
    ok: failed.length === 0,
    mode: "enforce",
    value: {
      examined: rows.length,
      already_sent: rows.filter(({ status }) => status === "already_sent").length,
      failed: failed.map(({ channel, target, status, attempts }) =>
        `${channel} ${target}: ${[status, attempts.at(-1)?.error ?? []].flat().join(", ")}`
      ),
    },
    expect,
    hint: "mend what the attempts say, then: deno task incident_notify --replay",
  };
}

function resumedCheck(rows: readonly DeliveryRow[]): Check[] {
  const resumed = rows.filter((row) => row.resumed);
  if (resumed.length === 0) return [];
  return [{
    id: "incident_outcomes_known",
    ok: false,
    mode: "warn",
    value: resumed.map(({ delivery_id }) => delivery_id),
    expect: "earlier runs that ended in order",
    hint: "an earlier run was killed while sending: somebody may have been told twice",
  }];
}

function headline({ mode, rows, reason, incident, text }: Notification): string {
  const what = incident?.incident_id ?? `${rows.length} dead letters`;
  const told = rows.filter(({ ok }) => ok);
  if (text !== undefined) return `plan for ${what}; nobody was told`;
  if (rows.length > 0) {
    const again = told.filter(({ status }) => status === "already_sent").length;
    const before = again === 0 ? "" : `, ${again} of them before`;
    return `${what}: ${told.length} of ${rows.length} places told${before}`;
  }
  const words: Record<string, string> = {
    no_incident: "there is no incident to tell of",
    no_escalation: `${what} is not escalated, so nobody is told`,
    muted: `${what}: routing says to tell nobody now`,
    no_channel_selected: `${what}: nobody could be told, a dead letter waits`,
    routing_unusable: `${what}: the routing policy cannot be used, so nobody was told`,
    no_dead_letter: "no dead letter waits",
    drill_undeclared: `${what}: drill and incident do not agree, so nobody was told`,
  };
  return words[reason] ?? (mode === "replay" ? "no dead letter was delivered" : reason);
}

/** Puts a run on record that told somebody, or should have. */
async function recorded(run: NotifyRun, done: Notification) {
  const { incident, rows, mode, skipped, reason } = done;
  if (mode === "dry_run" || (rows.length === 0 && skipped)) {
    const reason = mode === "dry_run" ? "dry run" : "nothing was done";
    const check = notApplicable("audit_chain_recorded", "an entry in the audit log", reason);
    return { check, audit: { ok: true, skipped: true as const } };
  }
  const { correlation_id, release_candidate_id } = incident ?? {};
  return await recordAudit({
    ...run,
    correlation: {
      correlation_id: correlation_id ?? run.correlation.correlation_id,
      release_candidate_id: release_candidate_id ?? run.correlation.release_candidate_id,
      run_id: run.correlation.run_id,
    },
  }, {
    action: "incident_notify",
    source: "incident_notify",
    ok: rows.length > 0 && rows.every(({ ok }) => ok),
    context: {
      mode,
      reason,
      drill: run.flags.drill,
      incident_id: incident?.incident_id ?? "",
      severity: incident?.severity ?? "",
      escalation_level: incident?.escalation_level ?? "",
      deliveries: rows.slice(0, 50).map(({ delivery_id, channel, status }) => (
        { delivery_id, channel, status }
      )),
    },
  });
}

function rosterField({ roster, target }: Configuration, { flags }: NotifyRun) {
  return {
    ...roster,
    prefer_roster: flags["prefer-oncall-roster"],
    used: target !== undefined,
    person: target?.person ?? null,
    because: target?.because ?? null,
    target: {
      has_webhook: target?.webhook !== undefined,
      has_slack: target?.slack !== undefined,
      has_feishu: target?.feishu !== undefined,
      email_count: target?.email.length ?? 0,
    },
  };
}

/** The outcome of a run: on record, with its checks, and free of every secret. */
export async function notifyOutcome(
  run: NotifyRun,
  configuration: Configuration,
  done: Notification,
): Promise<Outcome> {
  const { flags } = run;
  const { check, audit } = await recorded(run, done);
  const { incident, plan, rows, reason, skipped, mode, deadLetters } = done;
  const outcome = {
    checks: [
      ...configuration.checks,
      ...done.checks,
      deliveredCheck(done),
      ...resumedCheck(rows),
      check,
    ],
    headline: headline(done),
    fields: {
      skipped,
      reason,
      mode,
      drill: flags.drill,
      incident_id: incident?.incident_id ?? null,
      incident_report: done.incidentReport,
      routing_policy: flags["routing-policy"],
      routing_trace: plan.trace,
      routed_channels: [...plan.used].sort(),
      judged_at: configuration.at.toString(),
      channels: rows,
      dead_letter_path: deadLetters[0] ?? "",
      dead_letters: deadLetters,
      delivery_deferred: reason === "no_channel_selected" && flags["only-when-escalated"] &&
        !run.strict,
      oncall_roster: rosterField(configuration, run),
      only_when_escalated: flags["only-when-escalated"],
      audit,
    },
    ...(done.text === undefined ? {} : { stdout: done.text }),
  };
  return JSON.parse(redactedJson(outcome, configuration.secrets));
}
