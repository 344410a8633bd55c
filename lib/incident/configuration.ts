import { UsageError } from "../command/errors.ts";
import type { Context } from "../command/command.ts";
import type { Loaded } from "../policy/load.ts";
import { IncidentRouting } from "../policy/incident_routing.ts";
import { OncallRoster } from "../policy/oncall_roster.ts";
import { type Check, notApplicable } from "../report/check.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import { readText } from "../store/read_text.ts";
import type { NOTIFY_FLAGS } from "./notify_flags.ts";
import { isReachable, type RosterTarget, rosterTarget } from "./roster_target.ts";

/** One run of the notifier. */
export type NotifyRun = Context<typeof NOTIFY_FLAGS, undefined>;

/** Where messages can go, by channel. */
export interface Addresses {
  webhook: string | undefined;
  slack: string | undefined;
  feishu: string | undefined;
  email: string[];
}

/** Routing, roster and addresses in force, with what is wrong with them. */
export interface Configuration {
  /** Undefined where the file is missing: then every channel that has an address is used. */
  routing: IncidentRouting | undefined;
  /** The routing policy cannot be used, so nobody knows whom to tell. */
  unusable: boolean;
  /** The instant that routing and roster are judged by. */
  at: Temporal.Instant;
  target: RosterTarget | undefined;
  addresses: Addresses;
  roster: { path: string; loaded: boolean };
  /** Everything that may stand in no output. */
  secrets: string[];
  checks: Check[];
}

function instantOf({ flags, nowS }: NotifyRun): Temporal.Instant {
  if (flags.at === undefined) {
    return Temporal.Instant.fromEpochMilliseconds(Math.floor(nowS * 1000));
  }
  if (!flags["dry-run"] && !flags.drill) {
    throw new UsageError("--at is for --dry-run and --drill: real people are told now");
  }
  try {
    return Temporal.Instant.from(flags.at);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--at is "${flags.at}", expected RFC 3339, such as 2026-03-29T02:30:00Z`);
  }
}

function addressesOf({ flags }: NotifyRun, target: RosterTarget | undefined): Addresses {
  const fixed = flags["email-to"].flatMap((text) => text.split(/[,\r\n]/)).map((one) => one.trim());
  const mailboxes = new Map<string, string>();
  for (const address of [...target?.email ?? [], ...fixed]) {
    const key = address.toLowerCase();
    if (address !== "" && !mailboxes.has(key)) mailboxes.set(key, address);
  }
  return {
    webhook: target?.webhook ?? flags["webhook-url"],
    slack: target?.slack ?? flags["slack-webhook-url"],
    feishu: target?.feishu ?? flags["feishu-webhook-url"],
    email: [...mailboxes.values()],
  };
}

/** Files that hold a URL: the first line, without blanks. */
function secretFile({ inputs }: NotifyRun, path: string): string | undefined {
  const file = readText(inputs.absolute(path));
  const [line = ""] = file.state === "ok" ? file.text.trim().split(/[\r\n]/) : [];
  return line.trim() || undefined;
}

/** A fault quotes what it found, which in a roster of version 1 may be a URL; then the place must do. */
function withoutUrls(roster: Loaded<OncallRoster>): Loaded<OncallRoster> {
  if (roster.state === "ok") return roster;
  const faults = roster.faults.map((fault) =>
    /_url/.test(fault.pointer) || /^is [{[]/.test(fault.message)
      ? { ...fault, message: "is not what the schema demands" }
      : fault
  );
  return { ...roster, faults };
}

function rosterChecks(
  { gate }: NotifyRun,
  roster: OncallRoster | undefined,
  target: RosterTarget | undefined,
  at: Temporal.Instant,
): Check[] {
  const used = "oncall_roster_used";
  const expect = "somebody on call, with a way to reach them";
  if (roster === undefined) return [notApplicable(used, expect, "there is no roster")];
  const checks: Check[] = [{
    id: used,
    ok: target !== undefined && isReachable(target),
    mode: gate,
    value: target === undefined ? "nobody is on call" : `${target.person} by ${target.because}`,
    expect,
    hint: "give the roster a fallback who can be reached",
  }];
  const unresolved = target?.unresolved ?? [];
  if (unresolved.length > 0) {
    checks.push({
      id: "oncall_secrets_resolved",
      ok: false,
      mode: gate,
      value: unresolved,
      expect: "variables and files that hold a URL",
      hint: `set ${unresolved[0]}`,
    });
  }
  const { updated_at, max_age_days: limit } = "version" in roster ? {} : roster;
  if (updated_at !== undefined && limit !== undefined) {
    const days = at.since(updated_at).total("hours") / 24;
    checks.push({
      id: "oncall_roster_fresh",
      ok: days <= limit,
      mode: gate,
      value: Math.round(days),
      expect: `<= ${limit} days old`,
      hint: "look the roster through, and set updated_at",
    });
  }
  return checks;
}

/** A key in the form of Standard Webhooks must be what it says it is. */
function checkKey(key: string | undefined): void {
  if (key?.startsWith("whsec_") !== true) return;
  try {
    Uint8Array.fromBase64(key.slice(6));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const message = "WA_INCIDENT_SIGNING_KEY begins with whsec_, but no base64 follows";
    throw new UsageError(message, "copy the key again", { cause });
  }
}

/** Loads what says who is told, and looks up how they are reached. */
export async function configurationOf(run: NotifyRun): Promise<Configuration> {
  const { flags, inputs, gate, env } = run;
  const at = instantOf(run);
  checkKey(flags["signing-key"]);
  const routing = await inputs.json(flags["routing-policy"], IncidentRouting);
  const checks = [loadedCheck("incident_routing_policy_loaded", routing, gate)];
  const roster = await inputs.json(flags["oncall-roster"], OncallRoster);
  checks.push(loadedCheck("oncall_roster_loaded", withoutUrls(roster), gate));
  const inForce = roster.state === "ok" && flags["prefer-oncall-roster"] ? roster.value : undefined;
  const target = inForce === undefined
    ? undefined
    : rosterTarget(inForce, at, { env, file: (path) => secretFile(run, path) });
  if (flags["prefer-oncall-roster"]) checks.push(...rosterChecks(run, inForce, target, at));
  const addresses = addressesOf(run, target);
  const { webhook, slack, feishu } = addresses;
  const secrets = [
    ...[webhook, slack, feishu, flags["webhook-url"], flags["slack-webhook-url"]],
    ...[flags["feishu-webhook-url"], flags["signing-key"], flags["feishu-secret"]],
    flags["smtp-password"],
  ].filter((one) => one !== undefined);
  return {
    routing: routing.state === "ok" ? routing.value : undefined,
    unusable: !["ok", "missing"].includes(routing.state),
    at,
    target,
    addresses,
    roster: { path: roster.path, loaded: roster.state === "ok" },
    secrets: [...new Set(secrets)],
    checks,
  };
}
