#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-net=127.0.0.1 --allow-env=WA_RELEASE_*,GITHUB_ACTIONS,PATH,HOME,DENO_DIR,XDG_CACHE_HOME,TMPDIR,LANG --allow-run=git,deno
/**
 * Rehearses the whole way from an incident to whoever is called, on loopback alone.
 * @module
 */
import { join } from "@std/path/join";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { NotReadyError } from "../lib/command/errors.ts";
import { boolean, integer, number } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { drillIncident, type DrillIncidentReport } from "../lib/incident/drill_incident.ts";
import { type RehearsalResult, rehearse } from "../lib/incident/rehearse.ts";
import { writeArtifact } from "../lib/report/artifact.ts";
import { redact } from "../lib/scan/redact.ts";

const flags = {
  port: integer({
    default: 0,
    min: 0,
    max: 65_535,
    help: "Port of the first receiver on 127.0.0.1; 0 takes a free one",
  }),
  "with-email": boolean({ help: "Drill mail too" }),
  "timeout-s": number({ default: 5, min: 0.2, max: 60, help: "Limit of one try, seconds" }),
};

type Run = Context<typeof flags, undefined>;

const random = (bytes: number): string => crypto.getRandomValues(new Uint8Array(bytes)).toHex();

async function leave(root: string, prefix: string, content: Record<string, unknown>, nowS: number) {
  return await writeArtifact(
    root,
    { prefix, epochS: nowS },
    (path) => JSON.stringify({ ...content, kind: prefix, report_path: path }, null, 2) + "\n",
  );
}

function outcomeOf(
  { flags }: Run,
  report: DrillIncidentReport,
  { happy, checks }: RehearsalResult,
  paths: { incident: string; notify: string },
  secrets: readonly string[],
): Outcome {
  const { end, calls, mails, port, smtpPort } = happy;
  const failed = checks.filter(({ ok }) => !ok);
  const said = (text: string): string => redact(text, secrets).slice(-4000);
  return {
    checks,
    headline: failed[0] === undefined
      ? `${checks.length} claims about telling people hold, ${
        flags["with-email"] ? "with" : "without"
      } mail`
      : `the drill failed: ${failed[0].id}`,
    fields: {
      drill: true,
      drill_id: report.drill_id,
      host: "127.0.0.1",
      port,
      with_email: flags["with-email"],
      smtp_port: smtpPort,
      incident_report_path: paths.incident,
      incident_notify_report_path: paths.notify,
      calls: calls.map(({ ts, path, size, body, timestamp, signature }) => ({
        ts,
        path,
        size,
        payload: JSON.parse(body),
        headers: { x_wa_timestamp: timestamp, x_wa_signature: signature },
      })),
      email_calls: mails.map(({ ts, mailfrom, rcpttos, size, text }) => (
        { ts, mailfrom, rcpttos, size, body_preview: text.slice(0, 800) }
      )),
      notify_report: end.report,
      notify_stdout: said(end.stdout),
      notify_stderr: said(end.stderr),
    },
  };
}

async function drill(run: Run): Promise<Outcome> {
  const { root, flags, nowS, correlation, progress } = run;
  const report = drillIncident(random(8), nowS, correlation);
  const key = random(32);
  const token = random(16);
  const folder = join(root, ".data", "drill", report.drill_id);
  await Deno.mkdir(folder, { recursive: true });
  try {
    progress(`incident ${report.incident.incident_id} is told on loopback`);
    const result = await rehearse({
      folder,
      report,
      key,
      notifierKey: key,
      token,
      withEmail: flags["with-email"],
      timeoutS: flags["timeout-s"],
      port: flags.port,
      nowS,
      readEnv: run.env,
    });
    const paths = {
      incident: await leave(root, "incident_report_drill", report, nowS),
      notify: await leave(root, "incident_notify_drill_notify", result.happy.end.report, nowS),
    };
    return outcomeOf(run, report, result, paths, [key, token]);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new NotReadyError(`Cannot drill: port ${flags.port} is taken`, "leave --port out");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export const command = defineCommand({
  name: "incident_notify_drill",
  summary: "Rehearse telling people of an incident, and what happens when that goes wrong",
  kind: "producer",
  artifact: "incident_notify_drill",
  flags,
  details: [
    "Invents an incident that says it is a drill, starts receivers on 127.0.0.1, and runs the real incident_notify in governed roots of its own, with a key, routing, roster, outbox and audit log of their own. The notifier may reach 127.0.0.1 alone, and of the environment it is given the paths to programs and nothing else: no setting of yours reaches it.",
    "Recomputes the signature, looks for the drill's nonce in every channel, then lets receivers fail: errors, time-outs, redirects, refusals, no connection. Each claim is a check of its own.",
    "The report is evidence for rollback_drill_guard.",
  ],
  examples: ["--with-email"],
  run: drill,
});

if (import.meta.main) await main(command);
