import { assert, assertEquals, assertMatch } from "@std/assert";
import { appendAudit } from "../../lib/audit/append.ts";
import { checkProof, ProofFile } from "../../lib/audit/proof_file.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";

const SCRIPT = "correlation_trace_guard";
const NOW = Date.now() / 1000;
const IDS = { correlation_id: "gha-1234-1", release_candidate_id: "rc-1.2.3-abcdef" };
const RUN = { run_id: "run-20260101-a" };
const GIVEN = [
  { name: "correlation-id", value: IDS.correlation_id, source: "flag" },
  { name: "release-candidate-id", value: IDS.release_candidate_id, source: "flag" },
];

/** An artifact of a kind with these ids, as its writer leaves it. */
function artifact(
  kind: string,
  correlation: Record<string, string>,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    schema_version: 1,
    kind,
    ok: true,
    clean: true,
    started_at: NOW - 61,
    ended_at: NOW - 60,
    correlation: { run_id: "", ...correlation },
    inputs: [],
    settings: [],
    ...changes,
  };
}

const path = (kind: string): string => `.data/out/${kind}_20260101T000000Z.json`;
const ROLLOUT = path("release_rollout_executor");
const ALERT = path("alert_escalation");
const INCIDENT = path("incident_report");

const rollout = (changes: Record<string, unknown> = {}, correlation = {}) =>
  artifact("release_rollout_executor", { ...IDS, ...correlation }, { settings: GIVEN, ...changes });

async function repositoryWith(files: Record<string, Content>): Promise<TempRepository> {
  return await TempRepository.make({ "deno.json": {}, ...files });
}

/** Puts on record what the executor records. */
async function record(
  root: string,
  correlation: Record<string, string> = {},
  source = "release_rollout_executor",
): Promise<void> {
  await appendAudit(root, {
    action: "release_rollout_execute",
    actor: "release-bot",
    source,
    status: "ok",
    context: {},
    correlation: { ...IDS, run_id: "", ...correlation },
  });
}

function guard(
  { root }: TempRepository,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<ScriptEnd> {
  return runScript(SCRIPT, ["--json", ...args], { root, env });
}

/** For releases of which only the rollout is looked at. */
const ALONE = ["--without", "alert", "--without", "incident"];

const row = ({ report }: ScriptEnd, id: string) => report.checks.find((check) => check.id === id);

Deno.test("no artifact at all is a warning, and under --strict a failure", async () => {
  await using repository = await repositoryWith({});
  const loose = await guard(repository);
  assertEquals([loose.code, loose.report.clean], [0, false]);
  assert(failedIds(loose.report).includes("families_examined"));
  const strict = await guard(repository, ["--strict"]);
  assertEquals(strict.code, 2);
});

Deno.test("the strict switch works from the environment", async () => {
  await using repository = await repositoryWith({});
  assertEquals((await guard(repository, [], { WA_CORRELATION_GUARD_STRICT: "1" })).code, 2);
});

Deno.test("a rollout artifact alone is not enough under --strict, however often it repeats its ids", async () => {
  await using repository = await repositoryWith({ [ROLLOUT]: rollout() });
  const end = await guard(repository, ["--strict", ...ALONE]);
  assertEquals(end.code, 2);
  assertEquals(failedIds(end.report), [
    "correlation_id_independent",
    "release_candidate_id_independent",
    "rollout_recorded_in_audit_log",
  ]);
});

Deno.test("a rollout artifact and its entry in the audit log agree, with a proof that holds", async () => {
  await using repository = await repositoryWith({ [ROLLOUT]: rollout() });
  await record(repository.root, IDS, "somebody_else");
  await record(repository.root);
  const end = await guard(repository, ["--strict", ...ALONE]);
  assertEquals([end.code, failedIds(end.report)], [0, []]);
  const value = row(end, "rollout_recorded_in_audit_log")?.value as {
    sequence: number;
    inclusion_proof: { size: number; root: string; proof: string[] };
  };
  assertEquals([value.sequence, value.inclusion_proof.size], [2, 2]);
  const lines = (await repository.read(".data/audit/operations_audit_chain.ndjson")).split("\n");
  const proof = ProofFile.parse({
    kind: "audit_inclusion_proof",
    seq: 2,
    line: lines[1],
    checkpoint: null,
    ...value.inclusion_proof,
  });
  assert(checkProof(proof));
  const families = end.report.correlation as unknown as Record<string, unknown>;
  assertEquals(families["rollout"], {
    ...IDS,
    run_id: "",
    origins: { correlation_id: "explicit", release_candidate_id: "explicit" },
  });
  assertEquals(families["alert"], {});
});

Deno.test("an audit log that does not hold is no witness", async () => {
  await using repository = await repositoryWith({ [ROLLOUT]: rollout() });
  await record(repository.root);
  const log = ".data/audit/operations_audit_chain.ndjson";
  await repository.write(log, (await repository.read(log)).replace("release-bot", "release-bat"));
  const end = await guard(repository);
  assertEquals(end.code, 2);
  assertMatch(String(row(end, "rollout_recorded_in_audit_log")?.value), /entry 1|line 1/);
});

const DERIVED: [what: string, settings: unknown[], correlation: Record<string, string>][] = [
  ["made up by the executor", [], {
    correlation_id: "rollout-1771718400",
    release_candidate_id: "rc-1-2-3-1771718400",
  }],
  ["that only look given", [], {}],
];

for (const [what, settings, correlation] of DERIVED) {
  Deno.test(`ids ${what} are flagged and agree with nobody, not even with the audit log`, async () => {
    await using repository = await repositoryWith({
      [ROLLOUT]: rollout({ settings }, correlation),
    });
    await record(repository.root, correlation);
    const end = await guard(repository, ["--strict", ...ALONE]);
    assertEquals(failedIds(end.report), [
      "rollout_ids_given",
      "correlation_id_independent",
      "release_candidate_id_independent",
    ]);
    assertEquals(row(end, "correlation_id_consistent")?.not_applicable !== undefined, true);
  });
}

Deno.test("a mirrored id is shown and not counted", async () => {
  const correlation = { release_candidate_id: IDS.correlation_id };
  await using repository = await repositoryWith({
    [ROLLOUT]: rollout({ settings: GIVEN.slice(0, 1) }, correlation),
  });
  await record(repository.root, correlation);
  const end = await guard(repository, ["--strict", ...ALONE]);
  assertEquals(failedIds(end.report), ["release_candidate_id_independent"]);
  assertEquals(row(end, "rollout_ids_given")?.value, {
    correlation_id: "explicit",
    release_candidate_id: "mirrored",
  });
});

Deno.test("three artifacts that were given the same ids agree; one with another id is named", async () => {
  const run = { ...IDS, ...RUN };
  await using repository = await repositoryWith({
    [ROLLOUT]: rollout({}, RUN),
    [ALERT]: artifact("alert_escalation", run),
    [INCIDENT]: artifact("incident_report", run),
  });
  await record(repository.root, RUN);
  const env = {
    WA_RELEASE_RUN_ID: RUN.run_id,
    WA_RELEASE_CORRELATION_ID: IDS.correlation_id,
    WA_RELEASE_CANDIDATE_ID: IDS.release_candidate_id,
  };
  const agree = await guard(repository, ["--strict"], env);
  assertEquals([agree.code, failedIds(agree.report)], [0, []]);
  await repository.write(
    INCIDENT,
    artifact("incident_report", { ...run, correlation_id: "gha-9999-1" }),
  );
  const differ = await guard(repository, ["--strict"], env);
  assertEquals(failedIds(differ.report), ["correlation_id_consistent"]);
  assertEquals(
    (row(differ, "correlation_id_consistent")?.value as Record<string, unknown>)["gha-9999-1"],
    [INCIDENT],
  );
});

Deno.test("another report of the same run that says otherwise is found, and a malformed one too", async () => {
  await using repository = await repositoryWith({
    [ROLLOUT]: rollout({}, RUN),
    [path("capacity_guard")]: artifact("capacity_guard", {
      ...IDS,
      ...RUN,
      release_candidate_id: "rc-other",
    }),
  });
  await record(repository.root, RUN);
  const env = { WA_RELEASE_RUN_ID: RUN.run_id };
  const differ = await guard(repository, ["--strict", ...ALONE], env);
  assertEquals(failedIds(differ.report), ["release_candidate_id_consistent"]);
  await repository.write(path("capacity_guard"), `{"run_id": "${RUN.run_id}", `);
  const malformed = await guard(repository, [], env);
  assertEquals([malformed.code, failedIds(malformed.report)], [2, ["run_reports_readable"]]);
});

Deno.test("an environment with another candidate disagrees", async () => {
  await using repository = await repositoryWith({ [ROLLOUT]: rollout() });
  await record(repository.root);
  const end = await guard(repository, ["--strict", ...ALONE], {
    WA_RELEASE_CANDIDATE_ID: "rc-other-1",
  });
  assertEquals(failedIds(end.report), ["release_candidate_id_consistent"]);
});

Deno.test("an artifact made from another one outside any run only copies its ids", async () => {
  await using repository = await repositoryWith({
    [ROLLOUT]: rollout(),
    [INCIDENT]: artifact("incident_report", IDS, { inputs: [{ path: ROLLOUT, state: "ok" }] }),
  });
  const end = await guard(repository, ["--strict"]);
  assert(failedIds(end.report).includes("incident_ids_given"));
  assert(failedIds(end.report).includes("correlation_id_independent"));
});

Deno.test("artifacts of two runs, or far apart, are not of one release", async () => {
  await using repository = await repositoryWith({
    [ROLLOUT]: rollout({}, RUN),
    [ALERT]: artifact("alert_escalation", { ...IDS, run_id: "run-20260101-b" }),
  });
  const runs = await guard(repository, ["--strict"]);
  assert(failedIds(runs.report).includes("same_run_window"));
  await repository.write(
    ALERT,
    artifact("alert_escalation", { ...IDS, ...RUN }, { ended_at: NOW - 7_261 }),
  );
  const apart = await guard(repository, ["--strict"]);
  assert(failedIds(apart.report).includes("same_run_window"));
  await repository.write(
    ALERT,
    artifact("alert_escalation", { ...IDS, ...RUN }, { ended_at: NOW - 7_260 }),
  );
  const together = await guard(repository, ["--strict"]);
  assert(!failedIds(together.report).includes("same_run_window"));
});

Deno.test("blank and ill-formed ids fail under --strict only", async () => {
  await using repository = await repositoryWith({
    [ROLLOUT]: rollout({}, { correlation_id: "  ", release_candidate_id: "rc 1\n2" }),
  });
  assertEquals((await guard(repository)).code, 0);
  const failed = failedIds((await guard(repository, ["--strict"])).report);
  assert(failed.includes("rollout_correlation_id_present"));
  assert(failed.includes("rollout_ids_well_formed"));
});

Deno.test("a malformed artifact fails always, and so does one of another kind that was named", async () => {
  await using repository = await repositoryWith({ [ROLLOUT]: "{" });
  const malformed = await guard(repository);
  assertEquals([malformed.code, failedIds(malformed.report)[0]], [2, "rollout_report_loaded"]);
  await repository.write("other.json", artifact("capacity_guard", IDS));
  const other = await guard(repository, ["--rollout-report", "other.json"]);
  assertEquals([other.code, failedIds(other.report)[0]], [2, "rollout_report_loaded"]);
});

Deno.test("--without takes a family out on the record, and knows no other words", async () => {
  await using repository = await repositoryWith({ [ROLLOUT]: rollout(), [INCIDENT]: "{" });
  assertEquals((await guard(repository)).code, 2);
  const end = await guard(repository, ["--without", "incident"]);
  assertEquals(end.code, 0);
  assertMatch(row(end, "incident_report_loaded")?.not_applicable ?? "", /--without incident/);
  assertEquals((await guard(repository, ["--without", "incidents"])).code, 64);
});

Deno.test("drill reports are no incidents", async () => {
  const drill = artifact("incident_report_drill", { ...IDS, correlation_id: "drill-1234" });
  await using repository = await repositoryWith({
    [ROLLOUT]: rollout(),
    [path("incident_report_drill")]: drill,
  });
  const end = await guard(repository);
  assertEquals((end.report.paths as Record<string, unknown>)["incident_report"], null);
});
