import type { Check } from "../report/check.ts";
import { DrillMailbox, type MailboxRules } from "./drill_mailbox.ts";
import type { Scenario } from "./drill_scenarios.ts";
import { DrillStage, type NotifierEnd } from "./drill_stage.ts";

const HINT = "run deno task incident_notify_drill --with-email again; then read its next actions";

interface MailFacts {
  exit: number;
  /** By recipient, in order. */
  statuses: string[];
  mails: number;
  letters: number;
}

function seen({ code, report }: NotifierEnd, mails: number): MailFacts {
  const rows = report.channels ?? [];
  return {
    exit: code,
    statuses: rows.map(({ status }) => status),
    mails,
    letters: rows.filter(({ dead_letter }) => dead_letter !== undefined).length,
  };
}

/** A scenario of one mail server that behaves in a certain way. */
function mail(
  id: string,
  rules: MailboxRules,
  { starttls, to }: { starttls: boolean; to: string },
  expect: string,
  judge: (facts: MailFacts) => boolean,
): Scenario {
  return async (rehearsal): Promise<Check> => {
    await using stage = await DrillStage.make(rehearsal, id);
    await using mailbox = await DrillMailbox.start(rules);
    const end = await stage.notify({
      WA_INCIDENT_EMAIL_TO: to,
      WA_INCIDENT_EMAIL_FROM: "toolkit@drill.example.invalid",
      WA_INCIDENT_SMTP_HOST: "127.0.0.1",
      WA_INCIDENT_SMTP_PORT: String(mailbox.port),
      WA_INCIDENT_SMTP_STARTTLS: starttls ? "1" : "0",
    }, "--prefer-oncall-roster=0");
    const facts = seen(end, mailbox.mails.length);
    return { id, ok: judge(facts), mode: "enforce", value: facts, expect, hint: HINT };
  };
}

const ONE = "one@drill.example.invalid";

/** Every scenario of mail. */
export const MAIL_SCENARIOS: readonly Scenario[] = [
  mail(
    "smtp_partial_refusal_seen",
    { refuse: "nobody" },
    { starttls: false, to: `${ONE},nobody@drill.example.invalid` },
    "one mail, one dead letter for the recipient that was refused",
    ({ exit, statuses, mails, letters }) =>
      exit === 2 && statuses.join() === "smtp_250,smtp_550" && mails === 1 && letters === 1,
  ),
  mail(
    "smtp_without_starttls_refused",
    {},
    { starttls: true, to: ONE },
    "no mail to a server that does not offer encryption",
    ({ exit, statuses, mails }) => exit === 2 && statuses[0] === "smtp_tls_error" && mails === 0,
  ),
  mail(
    "smtp_certificate_refused",
    { starttls: true },
    { starttls: true, to: ONE },
    "no mail to a server whose certificate nobody vouches for",
    ({ exit, statuses, mails }) => exit === 2 && statuses[0] === "smtp_tls_error" && mails === 0,
  ),
];
