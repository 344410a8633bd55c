import { assert, assertEquals, assertMatch } from "@std/assert";
import { happyPath } from "../../lib/incident/drill_happy_path.ts";
import { drillIncident, DrillIncidentReport } from "../../lib/incident/drill_incident.ts";
import { DrillReceiver } from "../../lib/incident/drill_receiver.ts";
import { DrillStage, type Rehearsal } from "../../lib/incident/drill_stage.ts";
import { rollbackRepository } from "../support/rollback_repository.ts";
import { failedIds, runScript } from "../support/run_script.ts";
import type { TempRepository } from "../support/temp_repository.ts";

const PRODUCTION = "production-7c1d9a40";

/** Settings of a real deployment, all of which end at a receiver that must stay silent. */
function production(receiver: DrillReceiver): Record<string, string> {
  const url = (path: string): string => receiver.url(`${path}?token=${PRODUCTION}`);
  return {
    WA_INCIDENT_WEBHOOK_URL: url("/production"),
    WA_INCIDENT_SLACK_WEBHOOK_URL: url("/production"),
    WA_INCIDENT_FEISHU_WEBHOOK_URL: url("/production"),
    WA_INCIDENT_SIGNING_KEY: PRODUCTION,
    WA_INCIDENT_EMAIL_TO: `${PRODUCTION}@ops.example.invalid`,
    WA_INCIDENT_EMAIL_FROM: `${PRODUCTION}@ops.example.invalid`,
    WA_INCIDENT_SMTP_HOST: "127.0.0.1",
    WA_INCIDENT_SMTP_PORT: String(receiver.port),
    WA_INCIDENT_SMTP_STARTTLS: "0",
    WA_INCIDENT_ONCALL_ROSTER_FILE: "security/no_such_roster.json",
    ONCALL_DRILL_WEBHOOK: url("/production"),
    ONCALL_WEBHOOK_DUTY_A: url("/production"),
    WA_AUDIT_CHAIN_LOG: ".data/audit/production.ndjson",
  };
}

async function drill({ root }: TempRepository, args: string[], env: Record<string, string> = {}) {
  return await runScript("incident_notify_drill", ["--json", ...args], { root, env });
}

const guard = async ({ root }: TempRepository, ...args: string[]) =>
  await runScript("rollback_drill_guard", ["--json", "--strict", ...args], { root });

const incidentRows = (report: Parameters<typeof failedIds>[0]): string[] =>
  failedIds(report).filter((id) => id.startsWith("incident_"));

Deno.test("a drill beside another one passes, reaches nothing of production, and satisfies the guard", async () => {
  await using repository = await rollbackRepository();
  await using other = await rollbackRepository();
  await using receiver = new DrillReceiver();
  const [end, beside] = await Promise.all([
    drill(repository, ["--with-email"], production(receiver)),
    drill(other, []),
  ]);
  assertEquals([end.code, failedIds(end.report)], [0, []], end.stderr);
  assertEquals([beside.code, failedIds(beside.report)], [0, []], beside.stderr);
  assertEquals(receiver.calls, [], "production was told of a drill");

  const { report, stdout, stderr } = end;
  assert(!stdout.includes(PRODUCTION) && !stderr.includes(PRODUCTION));
  assertEquals([report.kind, report.drill, report.with_email], [
    "incident_notify_drill",
    true,
    true,
  ]);
  const incident = DrillIncidentReport.parse(
    await repository.json(String(report.incident_report_path)),
  );
  assert(incident.incident.incident_id.startsWith("INC-DRILL-"));
  assertEquals([incident.kind, incident.incident.escalation_level], [
    "incident_report_drill",
    "p1",
  ]);
  const notify = await repository.json(String(report.incident_notify_report_path));
  assertEquals([notify.kind, notify.ok, notify.mode], [
    "incident_notify_drill_notify",
    true,
    "normal",
  ]);
  assertEquals((await repository.list(".data")).filter((name) => name !== "out"), ["drill"]);
  assertEquals(await repository.list(".data/drill"), []);

  const judged = await guard(repository, "--require-email-drill");
  assertEquals(incidentRows(judged.report), []);
  const ids = judged.report.checks.map(({ id }) => id);
  for (const name of ["count", "loadable", "ok", "fresh"]) {
    assert(ids.includes(`incident_drill_reports_${name}`));
  }
  const two = await guard(repository, "--min-incident-drills", "2");
  assertEquals([two.code, incidentRows(two.report)], [2, ["incident_drill_reports_count"]]);
  const mailless = await guard(other, "--require-email-drill");
  assertEquals(incidentRows(mailless.report), ["incident_drill_email_covered"]);
});

async function rehearsal(changes: Partial<Rehearsal> = {}): Promise<Rehearsal> {
  const nowS = Date.now() / 1000;
  return {
    folder: await Deno.makeTempDir(),
    report: drillIncident("0123456789abcdef", nowS, {
      correlation_id: "",
      release_candidate_id: "",
    }),
    key: "the key of the drill, 32 bytes ...",
    notifierKey: "the key of the drill, 32 bytes ...",
    token: "token-of-the-drill",
    withEmail: false,
    timeoutS: 5,
    port: 0,
    nowS,
    readEnv: (name) => Deno.env.get(name),
    ...changes,
  };
}

Deno.test("a notifier that signs with another key fails the drill, by that row alone", async () => {
  const wrong = await rehearsal({ notifierKey: "some other key" });
  try {
    const { checks } = await happyPath(wrong);
    assertEquals(failedIds({ checks }), ["webhook_signature_valid"]);
  } finally {
    await Deno.remove(wrong.folder, { recursive: true });
  }
});

Deno.test("the notifier of a drill is denied everything outside 127.0.0.1 by the runtime itself", async () => {
  const given = await rehearsal();
  try {
    await using stage = await DrillStage.make(given, "outside");
    const { code, report } = await stage.notify(
      stage.oncall("https://hooks.example.invalid/x"),
      "--allow-external",
      "--retries",
      "0",
    );
    assertEquals(code, 2);
    assertMatch(String(report.channels?.[0]?.attempts[0]?.error), /EPERM/);
  } finally {
    await Deno.remove(given.folder, { recursive: true });
  }
});

Deno.test("a drill on a port that is taken does not pass", async () => {
  await using repository = await rollbackRepository();
  await using receiver = new DrillReceiver();
  const { code, report } = await drill(repository, ["--port", String(receiver.port)]);
  assertEquals([code, report.ok], [75, false]);
  assertEquals(await repository.list(".data/drill"), []);
});
