import {
  type Channel,
  CHANNELS,
  type IncidentRouting,
  type Severity,
  SEVERITY_RANK,
} from "../policy/incident_routing.ts";
import { DAYS, type TimeWindow } from "../policy/time_window.ts";
import { windowContains } from "./window.ts";

/** What a rule looks at. */
export interface RoutedFacts {
  severity: Severity;
  /** Empty when nobody owns the incident. */
  owner: string;
}

/** One rule as it was judged. */
export interface RuleTrace {
  rule: string;
  matched: boolean;
  /** Why it does not match, or what it decides. */
  reason: string;
}

/** Where an incident goes. */
export interface Route {
  /** In the order of `CHANNELS`; nobody is told when empty. */
  channels: Channel[];
  trace: RuleTrace[];
}

interface Rule {
  id: string;
  enabled: boolean;
  minSeverity: Severity | undefined;
  owners: readonly string[] | undefined;
  zone: string;
  windows: readonly TimeWindow[] | undefined;
  channels: readonly Channel[];
  last: boolean;
}

const hour = (count: number): string => `${String(count).padStart(2, "0")}:00`;

/** Days and whole hours, both ends included, as windows. */
function windowsOf(
  days: readonly number[] | undefined,
  hours: { start: number; end: number } | undefined,
): TimeWindow[] | undefined {
  if (days === undefined && hours === undefined) return undefined;
  const names = days === undefined ? [...DAYS] : DAYS.filter((_, at) => days.includes(at));
  const { start, end } = hours ?? { start: 0, end: 23 };
  const to = end === 23 && start === 0 ? "24:00" : hour((end + 1) % 24);
  return [{ days: names, from: hour(start), to }];
}

function rulesOf(policy: IncidentRouting): Rule[] {
  if (policy.version === 1) {
    return policy.rules.map((rule) => ({
      id: rule.id,
      enabled: rule.enabled,
      minSeverity: rule.min_severity,
      owners: rule.owners,
      zone: "UTC",
      windows: windowsOf(rule.days_of_week, rule.hours_utc),
      channels: rule.channels,
      last: false,
    }));
  }
  return policy.rules.map((rule) => ({
    id: rule.id,
    enabled: rule.enabled,
    minSeverity: rule.min_severity,
    owners: rule.owners,
    zone: rule.timezone ?? policy.timezone,
    windows: rule.windows,
    channels: rule.channels ?? [],
    last: !rule.continue,
  }));
}

/** Why a rule is not for an incident; undefined where it is. */
function mismatch(rule: Rule, facts: RoutedFacts, at: Temporal.Instant): string | undefined {
  const { minSeverity, owners, windows, zone } = rule;
  if (!rule.enabled) return "it is not enabled";
  if (minSeverity !== undefined && SEVERITY_RANK[facts.severity] < SEVERITY_RANK[minSeverity]) {
    return `${facts.severity} is less than ${minSeverity}`;
  }
  const owner = facts.owner.trim().toLowerCase();
  if (owners !== undefined && !owners.some((one) => one.trim().toLowerCase() === owner)) {
    return owner === "" ? "nobody owns the incident" : `it is not for ${facts.owner}`;
  }
  if (windows !== undefined && !windows.some((window) => windowContains(window, zone, at))) {
    return `${at.toZonedDateTimeISO(zone).toString({ smallestUnit: "minute" })} is in no window`;
  }
  return undefined;
}

/**
 * Decides which channels an incident goes through.
 *
 * In a policy of version 1 every rule that matches adds its channels, and the default channels hold
 * where none did. In version 2 the first rule that matches decides, unless it says `continue`.
 *
 * @param at The instant that windows are judged by.
 */
export function route(policy: IncidentRouting, facts: RoutedFacts, at: Temporal.Instant): Route {
  const chosen = new Set<Channel>();
  const trace: RuleTrace[] = [];
  for (const rule of rulesOf(policy)) {
    const reason = mismatch(rule, facts, at);
    if (reason !== undefined) {
      trace.push({ rule: rule.id, matched: false, reason });
      continue;
    }
    for (const channel of rule.channels) chosen.add(channel);
    const words = rule.channels.length === 0 ? "nobody" : rule.channels.join(", ");
    trace.push({ rule: rule.id, matched: true, reason: `tell ${words}` });
    if (rule.last) break;
  }
  if (policy.version === 1 && chosen.size === 0) {
    const defaults = policy.default_channels ?? CHANNELS;
    for (const channel of defaults) chosen.add(channel);
    const words = defaults.length === 0 ? "nobody" : defaults.join(", ");
    trace.push({ rule: "default_channels", matched: true, reason: `tell ${words}` });
  }
  return { channels: CHANNELS.filter((channel) => chosen.has(channel)), trace };
}
