import { RECORD_FLAGS } from "../audit_log/record_flags.ts";
import { boolean, integer, list, number, path, secret, text } from "../command/flag.ts";
import { DEAD_LETTER_DIR } from "./dead_letter.ts";

/** Where messages go; who is on call may replace these. */
const TARGET_FLAGS = {
  "webhook-url": secret({ env: "WA_INCIDENT_WEBHOOK_URL", help: "Webhook" }),
  "slack-webhook-url": secret({ env: "WA_INCIDENT_SLACK_WEBHOOK_URL", help: "Slack webhook" }),
  "feishu-webhook-url": secret({ env: "WA_INCIDENT_FEISHU_WEBHOOK_URL", help: "Feishu webhook" }),
  "signing-key": secret({ env: "WA_INCIDENT_SIGNING_KEY", help: "Key that signs webhooks" }),
  "feishu-secret": secret({
    env: "WA_INCIDENT_FEISHU_SECRET",
    help: "Secret of a Feishu bot that checks signatures",
  }),
  "email-to": list({
    env: "WA_INCIDENT_EMAIL_TO",
    placeholder: "ADDRESS",
    help: "Mailbox to write to; several with commas",
  }),
  "email-from": text({
    env: "WA_INCIDENT_EMAIL_FROM",
    placeholder: "ADDRESS",
    help: "Sender of mail",
  }),
  "smtp-host": text({ env: "WA_INCIDENT_SMTP_HOST", placeholder: "HOST", help: "Mail server" }),
  "smtp-port": integer({
    env: "WA_INCIDENT_SMTP_PORT",
    default: 25,
    min: 1,
    max: 65_535,
    help: "Its port; on 465 the connection is encrypted from the start",
  }),
  "smtp-starttls": boolean({
    env: "WA_INCIDENT_SMTP_STARTTLS",
    default: true,
    help: "Demand encryption by STARTTLS; it can be left out for loopback only",
  }),
  "smtp-user": text({ env: "WA_INCIDENT_SMTP_USER", help: "User at the mail server" }),
  "smtp-password": secret({ env: "WA_INCIDENT_SMTP_PASSWORD", help: "Password there" }),
  "smtp-ca-file": path({
    env: "WA_INCIDENT_SMTP_CA_FILE",
    help: "Authorities, in PEM, that its certificate must be of, instead of the known ones",
  }),
};

/** How often, how long. */
const EFFORT_FLAGS = {
  "timeout-s": number({ default: 6, min: 0.2, max: 600, help: "Limit of one try, seconds" }),
  retries: integer({ default: 2, min: 0, max: 20, help: "Further tries where one may help" }),
  "retry-backoff-s": number({
    default: 1,
    min: 0,
    max: 600,
    help: "Bound of the first wait between tries, seconds; doubles from try to try, up to 30 s",
  }),
  "deadline-s": number({
    default: 60,
    min: 1,
    max: 3600,
    help: "Limit of all tries together, seconds",
  }),
};

/** The flags of `incident_notify`. */
export const NOTIFY_FLAGS = {
  "incident-report": path({
    help: "Incident to tell of (default: the newest incident_report_*.json that holds one)",
    placeholder: "FILE",
  }),
  "only-when-escalated": boolean({ help: "Tell nobody of an incident that is not escalated" }),
  "max-age-s": number({
    default: 604_800,
    min: 1,
    help: "Oldest incident that is told of, seconds",
  }),
  source: text({ default: "release-preflight", help: "Who says so" }),
  ...TARGET_FLAGS,
  ...EFFORT_FLAGS,
  "routing-policy": path({ default: "security/incident_routing.json", help: "Routing policy" }),
  "oncall-roster": path({
    env: "WA_INCIDENT_ONCALL_ROSTER_FILE",
    default: "security/oncall_roster.json",
    help: "Roster",
  }),
  "prefer-oncall-roster": boolean({
    env: "WA_INCIDENT_USE_ONCALL_ROSTER",
    default: true,
    help: "Whoever is on call replaces the webhooks, and comes first among the mailboxes",
  }),
  "dead-letter-dir": path({ default: DEAD_LETTER_DIR, help: "Where failures are kept" }),
  replay: boolean({ help: "Deliver every dead letter that was not, instead of an incident" }),
  "replay-dead-letter": path({ help: "Deliver the dead letters of this file or folder only" }),
  "dry-run": boolean({ help: "Print who would be told, and why; tell nobody" }),
  at: text({
    placeholder: "TIME",
    help: "Judge routing and roster at this time (RFC 3339); for dry runs and drills",
  }),
  drill: boolean({ help: "This is a drill: the incident says so, and nothing leaves loopback" }),
  "allow-external": boolean({ help: "In a drill, tell those outside loopback too" }),
  ...RECORD_FLAGS,
  "audit-actor": text({ default: "incident-bot", help: "Actor in the audit log" }),
  "audit-strict": boolean({ help: "Fail when the run cannot be put on record" }),
  "skip-audit-log": boolean({ help: "Do not record the run" }),
};
