#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-net --allow-env=WA_INCIDENT_*,ONCALL_*,WA_AUDIT_CHAIN_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Tells whoever must know of an incident: by webhook, Slack, Feishu and mail, once.
 *
 * Where messages go is secret and stands in the environment, so the network cannot be narrowed
 * here; `lib/incident/target_rules.ts` narrows it by the policy when a connection is made.
 * @module
 */
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { main } from "../lib/command/main.ts";
import { configurationOf } from "../lib/incident/configuration.ts";
import { demandWritable } from "../lib/incident/dead_letter.ts";
import { NOTIFY_FLAGS } from "../lib/incident/notify_flags.ts";
import { notifyIncident } from "../lib/incident/notify_incident.ts";
import { notifyOutcome } from "../lib/incident/notify_report.ts";
import { replayLetters } from "../lib/incident/replay.ts";

async function notify(run: Context<typeof NOTIFY_FLAGS, undefined>): Promise<Outcome> {
  const { flags } = run;
  const replay = flags.replay || flags["replay-dead-letter"] !== undefined;
  if (replay && (flags["dry-run"] || flags["incident-report"] !== undefined)) {
    throw new UsageError("A replay goes neither with --dry-run nor with --incident-report");
  }
  if (flags["allow-external"] && !flags.drill) {
    throw new UsageError("--allow-external is for --drill: otherwise everything is outside anyway");
  }
  const places = [flags["dead-letter-dir"], flags["replay-dead-letter"] ?? []].flat();
  if (!flags["dry-run"]) { for (const place of places) demandWritable(run.root, place); }
  const configuration = await configurationOf(run);
  const done = replay
    ? await replayLetters(run, configuration)
    : await notifyIncident(run, configuration);
  return await notifyOutcome(run, configuration, done);
}

export const command = defineCommand({
  name: "incident_notify",
  summary: "Tell whoever must know of an incident, once, by webhook, chat and mail",
  kind: "actor",
  artifact: "incident_notify",
  strictEnv: "WA_INCIDENT_NOTIFY_STRICT",
  flags: NOTIFY_FLAGS,
  details: [
    "Takes the newest incident, asks the routing policy which channels it goes through and the roster who is on call, and makes one delivery for each place. A delivery has a name made of the news and the place; it is written down before and after sending, so a second run tells nobody twice.",
    "Tries again where that may help, after a wait that doubles and that the receiver may lengthen. What fails for good becomes a dead letter without secrets; --replay delivers it once.",
    "URLs, keys and passwords come from the environment, from the file that <variable>_FILE names, or from what the roster names. They appear in no output.",
  ],
  examples: ["--only-when-escalated", "--dry-run --at 2026-12-25T03:00:00Z", "--replay"],
  run: notify,
});

if (import.meta.main) await main(command);
