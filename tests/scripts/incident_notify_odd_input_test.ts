import { assert, assertEquals } from "@std/assert";
import { incidentReport, IncidentSite, SECRET } from "../support/incident_site.ts";
import { failedIds } from "../support/run_script.ts";

const ROSTER = "security/oncall_roster.json";

const MISTAKES: [what: string, roster: unknown][] = [
  ["has no scheme", { version: 1, primary: { id: "a", webhook_url: `h.invalid/${SECRET}` } }],
  ["stands in a list", { version: 1, primary: { id: "a", webhook_url: [`https://h/${SECRET}`] } }],
  ["stands in a person that is a list", { version: 1, primary: [{ webhook_url: SECRET }] }],
  ["has no quotes", `{"version":1,"primary":{"id":"a","webhook_url":https://${SECRET}}}`],
];

for (const [what, roster] of MISTAKES) {
  Deno.test(`a URL in the roster that ${what} is refused, and not quoted`, async () => {
    await using site = await IncidentSite.make();
    const text = typeof roster === "string" ? roster : JSON.stringify(roster);
    await site.repository.write(ROSTER, text);
    const { report, stdout, stderr } = await site.notify();
    assert(failedIds(report).includes("oncall_roster_loaded"));
    assert(!`${stdout}${stderr}`.includes(SECRET), `${stdout}${stderr}`);
  });
}

Deno.test("of a file that holds a URL the first line counts", async () => {
  await using site = await IncidentSite.make();
  await site.repository.write("hook.txt", `${site.url("/file")}\nrotated in spring\n`);
  const people = { duty: { webhook_file: "hook.txt" } };
  await site.repository.write(ROSTER, { schema_version: 2, people, fallback: "duty" });
  assertEquals((await site.notify()).code, 0);
  assertEquals(site.receiver.on("/file").length, 1);
});

Deno.test("dead letters may be named by an absolute path", async () => {
  await using site = await IncidentSite.make({ answers: { "/oncall": [{ status: 400 }] } });
  const folder = site.repository.path(".data/letters");
  const first = await site.notify(["--dead-letter-dir", folder]);
  assertEquals([first.code, first.report.reason], [2, "channel_failed"]);
  const letters = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assertEquals(letters.length, 1);

  const env = site.env({ ONCALL_TEST_WEBHOOK: site.url("/other") });
  const named = ["--replay-dead-letter", `${folder}/${letters[0]}`];
  const replayed = await site.notify(named, env);
  assertEquals([replayed.code, site.receiver.on("/other").length], [0, 1]);
  const again = await site.notify(named, env);
  assertEquals([again.code, again.report.reason], [0, "no_dead_letter"]);
});

for (const flag of ["--dead-letter-dir", "--replay-dead-letter"]) {
  Deno.test(`${flag} that may not be written is refused before anybody is told`, async () => {
    await using site = await IncidentSite.make();
    await using elsewhere = await IncidentSite.make();
    const { code, report } = await site.notify([flag, elsewhere.repository.path(".data")]);
    assertEquals([code, failedIds(report)], [64, ["call_valid"]]);
    assertEquals(site.receiver.calls.length, 0);
  });
}

Deno.test("a failure says why, and a replay of nothing examined nothing", async () => {
  await using site = await IncidentSite.make({ files: { ".data/none/x": "" } });
  const nothing = await site.notify(["--replay-dead-letter", ".data/none"]);
  const loaded = nothing.report.checks.find(({ id }: { id: string }) =>
    id === "dead_letters_loaded"
  );
  assertEquals([nothing.code, loaded?.not_applicable], [0, "no dead letter waits"]);
  await site.repository.write(
    ".data/out/incident_report_20260101T000001Z.json",
    incidentReport({ incident_id: "INC-8" }),
  );
  const { stdout } = await site.notify([], site.env({ ONCALL_TEST_WEBHOOK: "hooks.invalid/x" }));
  assert(stdout.includes("target_refused, is no URL"), stdout);
});

Deno.test("mail without a server is no silence: it fails, and stays as a dead letter", async () => {
  await using site = await IncidentSite.make();
  const to = site.env({ WA_INCIDENT_EMAIL_TO: "a@example.invalid,b@example.invalid" });
  const { code, report } = await site.notify([], to);
  assertEquals(code, 2);
  assert(failedIds(report).includes("email_config_complete"));
  assertEquals(site.receiver.on("/oncall").length, 1);
  const told = report.channels.map(({ channel, ok }) => `${channel} ${ok}`).sort();
  assertEquals(told, ["email false", "email false", "webhook true"]);
  assertEquals(report.dead_letters.length, 2);
});
