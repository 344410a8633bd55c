import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { walk } from "@std/fs/walk";
import { DrillMailbox } from "../../lib/incident/drill_mailbox.ts";
import { signatureFault } from "../../lib/incident/judge_signature.ts";
import {
  incidentReport,
  IncidentSite,
  type NotifyEnd,
  REPORT,
  SECRET,
} from "../support/incident_site.ts";
import { failedIds, runScript, spawnScript } from "../support/run_script.ts";

const OUTBOX = ".data/incident/outbox";
const LETTERS = ".data/out/dead_letter";
const statuses = ({ report }: NotifyEnd): string[] => report.channels.map(({ status }) => status);

Deno.test("incident_notify tells every channel once, signed, and a second run tells nobody", async () => {
  await using site = await IncidentSite.make();
  const env = site.env({
    WA_INCIDENT_SLACK_WEBHOOK_URL: site.url("/slack"),
    WA_INCIDENT_FEISHU_WEBHOOK_URL: site.url("/feishu"),
  });
  const first = await site.notify(["--strict"], env);
  assertEquals([first.code, failedIds(first.report), first.report.clean], [0, [], true]);
  assertEquals(statuses(first), ["http_200", "http_200", "http_200"]);
  const [call] = site.receiver.on("/oncall");
  assertEquals(await signatureFault(`${SECRET}-key`, call!, call!.ts), undefined);
  const body = JSON.parse(call!.body);
  assertEquals([body.delivery_id, body.incident.incident_id], [call!.deliveryId, "INC-7"]);
  const second = await site.notify(["--strict"], env);
  assertEquals([second.code, statuses(second)], [0, Array(3).fill("already_sent")]);
  assertEquals(site.receiver.calls.length, 3);
});

Deno.test("two runs at the same time tell everybody once", async () => {
  await using site = await IncidentSite.make();
  const ends = await Promise.all([site.notify(), site.notify(), site.notify()]);
  assertEquals(ends.map(({ code }) => code), [0, 0, 0]);
  assertEquals(site.receiver.calls.length, 1);
  assertEquals(ends.flatMap(statuses).toSorted(), ["already_sent", "already_sent", "http_200"]);
});

Deno.test("another level or status of the incident is news", async () => {
  await using site = await IncidentSite.make();
  await site.notify();
  await site.repository.write(REPORT, incidentReport({ status: "resolved" }));
  await site.notify();
  await site.repository.write(REPORT, incidentReport({ status: "resolved", title: "reworded" }));
  await site.notify();
  assertEquals(site.receiver.calls.length, 2);
});

Deno.test("no URL, key or password stands in any output, whatever happens", async () => {
  await using site = await IncidentSite.make({ answers: { "/slack": [{ status: 500 }] } });
  const env = site.env({
    WA_INCIDENT_SLACK_WEBHOOK_URL: site.url("/slack"),
    WA_INCIDENT_FEISHU_WEBHOOK_URL: `http://127.0.0.1:1/${SECRET}`,
    WA_INCIDENT_SMTP_PASSWORD: `${SECRET}-password`,
    WA_INCIDENT_WEBHOOK_URL: `https://user:${SECRET}@hooks.example.invalid/`,
  });
  const ends = [await site.notify([], env), await site.notify(["--replay"], env)];
  ends.push(await site.notify(["--dry-run", "--incident-report", REPORT], env));
  assertEquals(ends.map(({ code }) => code), [2, 2, 0]);
  for (const { stdout, stderr } of ends) {
    assert(!stdout.includes(SECRET), "stdout");
    assert(!stderr.includes(SECRET), "stderr");
  }
  let examined = 0;
  for await (const { path } of walk(site.repository.root, { includeDirs: false })) {
    examined++;
    assert(!(await Deno.readTextFile(path)).includes(SECRET), path);
  }
  assert(examined > 10);
});

Deno.test("a failure leaves one private letter, however often it fails; replay delivers it once", async () => {
  await using site = await IncidentSite.make({
    answers: { "/oncall": [{ status: 503 }, { status: 503 }, { status: 200 }] },
  });
  for (const _ of [1, 2]) {
    const { code, report } = await site.notify(["--retries", "0"]);
    assertEquals([code, report.reason, report.dead_letters.length], [2, "channel_failed", 1]);
  }
  const [name] = await site.repository.list(LETTERS);
  assertEquals((await site.repository.list(LETTERS)).length, 1);
  const { mode } = await Deno.stat(site.repository.path(`${LETTERS}/${name}`));
  assertEquals((mode ?? 0) & 0o777, 0o600);
  const replay = await site.notify(["--replay"]);
  assertEquals([replay.code, statuses(replay), replay.report.dead_letters], [0, ["http_200"], []]);
  const again = await site.notify(["--replay"]);
  assertEquals([again.code, again.report.reason], [0, "no_dead_letter"]);
  const named = await site.notify(["--replay-dead-letter", `${LETTERS}/${name}`]);
  assertEquals([named.code, named.report.reason], [0, "no_dead_letter"]);
  assertEquals(statuses(await site.notify()), ["already_sent"]);
  assertEquals(site.receiver.calls.length, 3);
});

Deno.test("of several channels replay tells only the one that was not told", async () => {
  await using site = await IncidentSite.make({
    answers: { "/slack": [{ status: 400 }, { status: 200, body: "ok" }] },
  });
  const env = site.env({ WA_INCIDENT_SLACK_WEBHOOK_URL: site.url("/slack") });
  assertEquals((await site.notify([], env)).code, 2);
  assertEquals(statuses(await site.notify(["--replay"], env)), ["http_200"]);
  assertEquals([site.receiver.on("/oncall").length, site.receiver.on("/slack").length], [1, 2]);
});

Deno.test("a stray letter triggers nothing; a path that is none and a letter that is malformed are errors", async () => {
  await using site = await IncidentSite.make({
    files: { "incident_notify_dead_letter_1.json": "{}", [`${LETTERS}/x.json`]: "{" },
  });
  assertEquals(statuses(await site.notify()), ["http_200"]);
  assertEquals((await site.notify(["--replay-dead-letter", "no/where"])).code, 64);
  await site.repository.write(`${LETTERS}/incident_notify_dead_letter_1.json`, "{");
  const { code, report } = await site.notify(["--replay"]);
  assertEquals([code, failedIds(report)], [2, ["dead_letters_loaded"]]);
});

Deno.test("a run that was killed while sending is resumed under the same name, and says so", async () => {
  await using site = await IncidentSite.make({
    answers: { "/oncall": ["silent", { status: 200 }] },
  });
  const args = ["--json", "--drill", "--timeout-s", "60"];
  const { root } = site.repository;
  const child = await spawnScript("incident_notify", args, { root, env: site.env() });
  while (site.receiver.calls.length === 0) await new Promise((next) => setTimeout(next, 10));
  child.kill("SIGKILL");
  await child.output();
  const [record = ""] = await site.repository.list(OUTBOX);
  assertEquals((await site.repository.json(`${OUTBOX}/${record}`)).state, "sending");
  const { code, report } = await site.notify();
  assertEquals([code, failedIds(report)], [0, ["incident_outcomes_known"]]);
  const [first, second] = site.receiver.calls;
  assertEquals(first?.deliveryId, second?.deliveryId);
  assertEquals((await site.repository.json(`${OUTBOX}/${record}`)).state, "sent");
});

Deno.test("killed at any moment and run again, it has told under one name, and then tells no more", async () => {
  for (const delayMs of [150, 250, 350, 450, 600, 800]) {
    await using site = await IncidentSite.make();
    const args = ["--json", "--drill"];
    const { root } = site.repository;
    const child = await spawnScript("incident_notify", args, { root, env: site.env() });
    await new Promise((next) => setTimeout(next, delayMs));
    try {
      child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it had ended already
    }
    await child.output();
    assertEquals((await site.notify()).code, 0);
    const calls = site.receiver.calls.length;
    assert(calls === 1 || calls === 2, `${calls} calls after ${delayMs} ms`);
    assertEquals(new Set(site.receiver.calls.map(({ deliveryId }) => deliveryId)).size, 1);
    assertEquals(statuses(await site.notify()), ["already_sent"]);
    assertEquals(site.receiver.calls.length, calls);
  }
});

Deno.test("SIGTERM while sending ends with 143, a report and a letter", async () => {
  await using site = await IncidentSite.make({ answers: { "/oncall": ["silent"] } });
  const args = ["--json", "--drill", "--timeout-s", "60"];
  const { root } = site.repository;
  const child = await spawnScript("incident_notify", args, { root, env: site.env() });
  while (site.receiver.calls.length === 0) await new Promise((next) => setTimeout(next, 10));
  child.kill("SIGTERM");
  const { code, stdout } = await child.output();
  assertEquals([code, JSON.parse(new TextDecoder().decode(stdout)).ok], [143, false]);
  assertEquals((await site.repository.list(LETTERS)).length, 1);
});

Deno.test("an outbox record that cannot be read stops the run: whether it was sent is not known", async () => {
  await using site = await IncidentSite.make();
  await site.notify();
  const [record = ""] = await site.repository.list(OUTBOX);
  await site.repository.write(`${OUTBOX}/${record}`, "{");
  const { code, report } = await site.notify();
  assertEquals([code, failedIds(report)], [70, ["state_readable"]]);
  assertEquals(site.receiver.calls.length, 1);
});

Deno.test("the deadline holds, also against a Retry-After beyond it", async () => {
  const busy = { status: 429, headers: { "Retry-After": "3600" } };
  await using site = await IncidentSite.make({ answers: { "/oncall": [busy] } });
  const { code, report } = await site.notify(["--deadline-s", "5"]);
  assertEquals([code, report.channels[0]?.attempts.length], [2, 1]);
});

Deno.test("the record in the audit log says what was told, and carries the incident's ids", async () => {
  await using site = await IncidentSite.make();
  await site.notify();
  const log = await site.repository.read(".data/audit/operations_audit_chain.ndjson");
  const entry = JSON.parse(log.trim());
  assertEquals([entry.action, entry.status, entry.actor], [
    "incident_notify",
    "ok",
    "incident-bot",
  ]);
  assertEquals([entry.correlation_id, entry.release_candidate_id], ["chg-7", "rc-7"]);
  assertEquals([entry.context.incident_id, entry.context.drill], ["INC-7", true]);
  assertEquals(entry.context.deliveries.length, 1);
});

Deno.test("nothing to tell of is no failure: not escalated, skipped, and muted", async () => {
  await using site = await IncidentSite.make();
  await site.repository.write(REPORT, incidentReport({ escalation_level: "none" }));
  const calm = await site.notify(["--only-when-escalated", "--strict"], {});
  assertEquals([calm.report.reason, site.receiver.calls.length], ["no_escalation", 0]);
  await site.repository.write("security/incident_routing.json", {
    version: 2,
    rules: [{ id: "all", mute: true }],
  });
  const muted = await site.notify();
  assertEquals([muted.code, muted.report.reason, muted.report.dead_letters], [0, "muted", []]);
});

Deno.test("a report without an incident does not hide an earlier incident", async () => {
  await using site = await IncidentSite.make();
  await site.repository.write(".data/out/incident_report_20260102T000000Z.json", {
    kind: "incident_report",
    ok: true,
    ended_at: Math.floor(Date.now() / 1000) + 1,
    skipped: true,
    reason: "no_escalation",
  });
  assertEquals(statuses(await site.notify(["--only-when-escalated"])), ["http_200"]);
});

Deno.test("an old incident is not told of; one that is dated ahead or malformed fails", async () => {
  await using site = await IncidentSite.make();
  const report = (endedAtS: number): Record<string, unknown> => (
    { ...incidentReport() as Record<string, unknown>, ended_at: endedAtS }
  );
  const now = Date.now() / 1000;
  await site.repository.write(REPORT, report(now - 8 * 86_400));
  const old = await site.notify(["--strict"]);
  assertEquals([old.code, failedIds(old.report)], [2, ["incident_report_fresh"]]);
  await site.repository.write(REPORT, report(now + 3600));
  assertEquals(failedIds((await site.notify()).report), ["incident_report_loaded"]);
  await site.repository.write(REPORT, incidentReport({ severity: "sev1" }));
  assertEquals((await site.notify()).code, 2);
  await Deno.remove(site.repository.path(REPORT));
  assertEquals([(await site.notify()).code, (await site.notify(["--strict"])).code], [0, 2]);
  assertEquals(site.receiver.calls.length, 0);
});

Deno.test("who has no address waits as a letter, which is routed anew when it is replayed", async () => {
  await using site = await IncidentSite.make();
  const nobody = await site.notify([], {});
  assertEquals([nobody.code, nobody.report.reason], [2, "no_channel_selected"]);
  assertEquals((await site.repository.list(LETTERS)).length, 1);
  const deferred = await site.notify(["--only-when-escalated"], {});
  assertEquals([deferred.code, deferred.report.delivery_deferred], [0, true]);
  assertEquals((await site.notify(["--only-when-escalated", "--strict"], {})).code, 2);
  assertEquals((await site.repository.list(LETTERS)).length, 1);
  const replay = await site.notify(["--replay"]);
  assertEquals([replay.code, statuses(replay)], [0, ["http_200"]]);
  assertEquals((await site.notify(["--replay"])).report.reason, "no_dead_letter");
});

Deno.test("a routing policy that is malformed is replaced by nothing: the incident waits as a letter", async () => {
  await using site = await IncidentSite.make({ files: { "security/incident_routing.json": "{" } });
  const { code, report } = await site.notify();
  assertEquals([code, report.reason], [2, "routing_unusable"]);
  assertEquals([report.dead_letters.length, site.receiver.calls.length], [1, 0]);
});

Deno.test("a roster that is malformed fails the run, and the static webhook is told nonetheless", async () => {
  await using site = await IncidentSite.make({ files: { "security/oncall_roster.json": "{" } });
  const end = await site.notify([], { WA_INCIDENT_WEBHOOK_URL: site.url("/static") });
  assertEquals([end.code, failedIds(end.report)], [2, ["oncall_roster_loaded"]]);
  assertEquals(site.receiver.on("/static").length, 1);
});

Deno.test("a roster of version 1: who cannot be reached does not stand in the way of the rotation", async () => {
  await using site = await IncidentSite.make();
  await site.repository.write("security/oncall_roster.json", {
    version: 1,
    primary: { id: "a" },
    rotations: [
      { id: "b", webhook_url: site.receiver.url("/b") },
      { id: "c", active: true, webhook_url: site.receiver.url("/c") },
    ],
  });
  const end = await site.notify(["--strict"], { WA_INCIDENT_WEBHOOK_URL: site.url("/static") });
  assertEquals([end.code, site.receiver.calls.map(({ path }) => path)], [0, ["/c"]]);
  const off = await site.notify(["--prefer-oncall-roster=0"], {
    WA_INCIDENT_WEBHOOK_URL: site.url("/static"),
  });
  assertEquals([off.code, site.receiver.calls.at(-1)?.path], [0, "/static"]);
});

Deno.test("a URL may come from the file that a roster or a variable names", async () => {
  await using site = await IncidentSite.make();
  await site.repository.write("hook.txt", `${site.url("/file")}\n`);
  await site.repository.write("security/oncall_roster.json", {
    schema_version: 2,
    people: { duty: { webhook_file: "hook.txt", slack_webhook_env: "ONCALL_UNSET" } },
    fallback: "duty",
  });
  const end = await site.notify([], { WA_INCIDENT_FEISHU_WEBHOOK_URL_FILE: "hook.txt" });
  assertEquals(site.receiver.on("/file").length, 2);
  assert(failedIds(end.report).includes("oncall_secrets_resolved"));
});

Deno.test("a drill and an incident are never taken for one another", async () => {
  await using site = await IncidentSite.make();
  const { root } = site.repository;
  const env = site.env();
  const real = await runScript("incident_notify", ["--json"], { root, env });
  assertEquals([real.code, failedIds(real.report)[0]], [2, "incident_drill_declared"]);
  await site.repository.write(REPORT, incidentReport({ drill: false }));
  assertEquals((await site.notify()).code, 2);
  assertEquals(site.receiver.calls.length, 0);
  const refused = await runScript("incident_notify", ["--json"], { root, env }) as NotifyEnd;
  assertEquals([refused.code, statuses(refused)], [2, ["target_refused"]]);
  const named = { ONCALL_TEST_WEBHOOK: "https://localhost/hook" };
  const resolved = await runScript("incident_notify", ["--json"], { root, env: named });
  assertEquals(statuses(resolved as NotifyEnd), ["target_refused"]);
  assertEquals(site.receiver.calls.length, 0, "real incidents do not go to loopback");
});

Deno.test("replay leaves the letters of drills alone, unless it is one", async () => {
  await using site = await IncidentSite.make({ answers: { "/oncall": [{ status: 400 }] } });
  await site.notify();
  const { root } = site.repository;
  const real = await runScript("incident_notify", ["--json", "--replay"], { root });
  assertEquals([real.code, real.report.reason], [0, "no_dead_letter"]);
  assertEquals((await site.notify(["--replay"])).code, 2);
});

Deno.test("a key that says it is base64 and is not is refused before anything is sent", async () => {
  await using site = await IncidentSite.make();
  const { code } = await site.notify([], site.env({ WA_INCIDENT_SIGNING_KEY: "whsec_%%%" }));
  assertEquals([code, site.receiver.calls.length], [64, 0]);
});

Deno.test("--at is for dry runs and drills, --allow-external for drills", async () => {
  await using site = await IncidentSite.make();
  const { root } = site.repository;
  for (const args of [["--at", "2026-01-01T00:00:00Z"], ["--allow-external"]]) {
    assertEquals((await runScript("incident_notify", args, { root })).code, 64);
  }
  assertEquals((await site.notify(["--at", "yesterday"])).code, 64);
});

Deno.test("--dry-run prints rules and places, changes nothing and tells nobody", async () => {
  await using site = await IncidentSite.make();
  const { root } = site.repository;
  const args = ["--drill", "--dry-run"];
  const { code, stdout } = await runScript("incident_notify", args, { root, env: site.env() });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "rule all: tell webhook, slack, feishu, email");
  assertMatch(stdout, /webhook http:\/\/127\.0\.0\.1:\d+ sha256:[0-9a-f]{8}: would be told/);
  assertEquals(site.receiver.calls.length, 0);
  assertEquals(await site.repository.list(".data"), ["out"]);
});

Deno.test("mail: one refused recipient does not keep the others from being told, and is told by replay", async () => {
  await using site = await IncidentSite.make();
  const env = (port: number): Record<string, string> => ({
    WA_INCIDENT_EMAIL_TO: "a@ops.example.invalid, b@ops.example.invalid,A@ops.example.invalid",
    WA_INCIDENT_EMAIL_FROM: "toolkit@ops.example.invalid",
    WA_INCIDENT_SMTP_HOST: "127.0.0.1",
    WA_INCIDENT_SMTP_PORT: String(port),
    WA_INCIDENT_SMTP_STARTTLS: "0",
  });
  const args = ["--prefer-oncall-roster=0"];
  {
    await using mailbox = await DrillMailbox.start({ refuse: "b@" });
    const first = await site.notify(args, env(mailbox.port));
    assertEquals([first.code, statuses(first)], [2, ["smtp_250", "smtp_550"]]);
    assertEquals(mailbox.mails.map(({ rcpttos }) => rcpttos), [["a@ops.example.invalid"]]);
  }
  await using mailbox = await DrillMailbox.start();
  const replay = await site.notify([...args, "--replay"], env(mailbox.port));
  assertEquals([replay.code, statuses(replay)], [0, ["smtp_250"]]);
  assertEquals(mailbox.mails.map(({ rcpttos }) => rcpttos), [["b@ops.example.invalid"]]);
});

Deno.test("a line break in the incident's title fails the mail cleanly: letter, audit, the rest is told", async () => {
  await using site = await IncidentSite.make();
  await site.repository.write(REPORT, incidentReport({ title: "down\r\nBcc: all@x.invalid" }));
  await using mailbox = await DrillMailbox.start();
  const end = await site.notify([], {
    ...site.env(),
    WA_INCIDENT_EMAIL_TO: "a@ops.example.invalid",
    WA_INCIDENT_EMAIL_FROM: "toolkit@ops.example.invalid",
    WA_INCIDENT_SMTP_HOST: "127.0.0.1",
    WA_INCIDENT_SMTP_PORT: String(mailbox.port),
    WA_INCIDENT_SMTP_STARTTLS: "0",
  });
  assertEquals([end.code, statuses(end)], [2, ["http_200", "header_refused"]]);
  assertEquals([end.report.dead_letters.length, mailbox.mails.length], [1, 0]);
  assertEquals((await site.repository.list(".data/audit")).length > 0, true);
});
