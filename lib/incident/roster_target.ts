import type { OncallRoster } from "../policy/oncall_roster.ts";
import { onCall } from "./on_call.ts";

/** How the person on call is reached. */
export interface RosterTarget {
  /** Id of the person. */
  person: string;
  /** `primary`, `rotation`, `override`, `layer <id>` or `fallback`. */
  because: string;
  webhook: string | undefined;
  slack: string | undefined;
  feishu: string | undefined;
  email: string[];
  /** Variables and files that should hold a URL and do not. */
  unresolved: string[];
}

/** Reads what a roster only names. */
export interface RosterSecrets {
  env: (name: string) => string | undefined;
  /** Content of a file; undefined where there is none. */
  file: (path: string) => string | undefined;
}

/** Whether there is any way to reach somebody. */
export function isReachable({ webhook, slack, feishu, email }: RosterTarget): boolean {
  return [webhook, slack, feishu].some((url) => url !== undefined) || email.length > 0;
}

type PersonOne = Extract<OncallRoster, { version: 1 }>["rotations"][number];

function ofPersonOne(person: PersonOne, because: string): RosterTarget {
  const { id, webhook_url, slack_webhook_url, feishu_webhook_url, email } = person;
  const url = (text: string): string | undefined => text === "" ? undefined : text;
  return {
    person: id,
    because,
    webhook: url(webhook_url),
    slack: url(slack_webhook_url),
    feishu: url(feishu_webhook_url),
    email,
    unresolved: [],
  };
}

/** The primary person if there is a way to reach them, else the active one, else the first. */
function ofVersionOne({ primary, rotations }: Extract<OncallRoster, { version: 1 }>) {
  const candidates = [
    ...primary === undefined ? [] : [ofPersonOne(primary, "primary")],
    ...[...rotations].sort((a, b) => Number(b.active) - Number(a.active))
      .map((person) => ofPersonOne(person, "rotation")),
  ];
  return candidates.find(isReachable);
}

/**
 * Looks up who is on call at an instant and how they are reached; undefined when nobody is.
 */
export function rosterTarget(
  roster: OncallRoster,
  at: Temporal.Instant,
  { env, file }: RosterSecrets,
): RosterTarget | undefined {
  if ("version" in roster) return ofVersionOne(roster);
  const found = onCall(roster, at);
  const person = found === undefined ? undefined : roster.people[found.person];
  if (found === undefined || person === undefined) return undefined;
  const unresolved: string[] = [];
  const secret = (variable: string | undefined, path: string | undefined): string | undefined => {
    const value = (variable === undefined ? undefined : env(variable)) ??
      (path === undefined ? undefined : file(path));
    const named = variable ?? path;
    if (value === undefined && named !== undefined) unresolved.push(named);
    return value;
  };
  return {
    ...found,
    webhook: secret(person.webhook_env, person.webhook_file),
    slack: secret(person.slack_webhook_env, person.slack_webhook_file),
    feishu: secret(person.feishu_webhook_env, person.feishu_webhook_file),
    email: person.email,
    unresolved,
  };
}
