import { assert, assertEquals, assertMatch } from "@std/assert";
import { knownArtifacts } from "../../lib/catalogue/known_artifacts.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";
import { GOVERNANCE, releaseRepository, writeGateReport } from "../support/release_repository.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";

const SCRIPT = "artifact_schema_catalog_guard";
const POLICY = "security/artifact_schema_catalog_policy.json";
const PAGE = "docs/ARTIFACT_SCHEMA_CATALOG.md";
const SCHEMA = "security/schemas/artifacts/slo_guard.schema.json";

const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:test:slo_guard",
  type: "object",
  properties: {
    schema_version: { const: 1 },
    ok: { type: "boolean" },
    channels: { type: "array", items: { type: "string" } },
    summary: { type: "object", properties: { window_s: { type: "number" } } },
  },
  required: ["ok", "channels", "summary"],
};

const entry = {
  id: "slo_guard",
  about: "Whether objectives hold",
  artifact_glob: ".data/out/slo_guard_*.json",
  producer: "slo_guard",
  schema: SCHEMA,
  required_fields: ["ok", "channels", "summary.window_s"],
  evidence: "required",
};

/** All other artifacts of a release, so that the catalogue is whole; nothing is asked of them. */
const REST = knownArtifacts().map(({ id, glob }) => ({
  id,
  artifact_glob: glob ?? `.data/out/${id}_*.json`,
  format: "other",
}));

const policyOf = (own: Record<string, unknown>, version = 2): Record<string, unknown> => ({
  version,
  entries: [own, ...REST],
});

const page = (fields = entry.required_fields) =>
  `# Catalogue

${
    REST.map(({ id, artifact_glob }) => `## ${id}\n\n- Artifact glob: \`${artifact_glob}\`\n`).join(
      "\n",
    )
  }

## slo_guard

- Artifact glob: \`${entry.artifact_glob}\`
- Required fields:
${fields.map((field) => `  - \`${field}\`\n`).join("")}`;

const good = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  kind: "slo_guard",
  ok: true,
  ended_at: Date.now() / 1000 - 60,
  channels: ["mail"],
  summary: { window_s: 300 },
  ...changes,
});

function repositoryWith(files: Record<string, Content> = {}): Promise<TempRepository> {
  return TempRepository.make({
    "deno.json": {},
    [POLICY]: policyOf(entry),
    [PAGE]: page(),
    [SCHEMA]: schema,
    ...files,
  });
}

function guard(
  { root }: TempRepository,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<ScriptEnd> {
  return runScript(SCRIPT, ["--json", ...args], { root, env });
}

const EVIDENCE = ".data/out/slo_guard_1767225600.json";
const failed = ({ report }: ScriptEnd): string[] => failedIds(report);

Deno.test("a catalogue, a policy, a schema and evidence that agree pass", async () => {
  await using repository = await repositoryWith({ [EVIDENCE]: good() });
  const end = await guard(repository, ["--strict", "--require-evidence"]);
  assertEquals([end.code, failed(end)], [0, []]);
  assertEquals(end.report.require_evidence, true);
  assertEquals((end.report.entries as unknown[])[0], {
    id: entry.id,
    artifact_glob: entry.artifact_glob,
    status: "produced",
    required_fields: entry.required_fields,
    latest_evidence: EVIDENCE,
  });
});

Deno.test("a policy without entries, and a catalogue that is blank or missing, fail", async () => {
  await using repository = await repositoryWith({ [POLICY]: { version: 1, entries: [] } });
  assertEquals(failed(await guard(repository)), ["policy_loaded"]);
  await repository.write(POLICY, policyOf(entry));
  await repository.write(PAGE, " \n");
  assertEquals(failed(await guard(repository)), ["catalog_loaded"]);
  await Deno.remove(repository.path(PAGE));
  const missing = await guard(repository);
  assertEquals([missing.code, failed(missing)], [2, ["catalog_loaded"]]);
});

const PAGES: [what: string, text: string, ids: string[]][] = [
  ["names the id in a sentence only", page().replace("## slo_guard", "# Others\n\nOf slo_guard:"), [
    "catalog_has_entry_slo_guard",
    "catalog_has_pattern_slo_guard",
    "catalog_has_required_fields_slo_guard",
  ]],
  ["has the section twice", page() + "\n## slo_guard\n", ["catalog_has_entry_slo_guard"]],
  ["names another glob", page().replace("slo_guard_*", "slo_*"), ["catalog_has_pattern_slo_guard"]],
  ["says tokens where ok was meant", page(["tokens", "channels", "summary.window_s"]), [
    "catalog_has_required_fields_slo_guard",
  ]],
  ["has a field more", page([...entry.required_fields, "more"]), [
    "catalog_has_required_fields_slo_guard",
  ]],
  ["has a section more", page() + "\n## other_guard\n", ["catalog_entries_in_policy"]],
];

for (const [what, text, ids] of PAGES) {
  Deno.test(`a page that ${what} fails [${ids}]`, async () => {
    await using repository = await repositoryWith({ [PAGE]: text });
    const end = await guard(repository);
    assertEquals([end.code, failed(end)], [2, ids]);
  });
}

const BAD: [what: string, evidence: Content, ids: string[], always: boolean][] = [
  ["truncated", '{"ok": true, ', ["evidence_well_formed_slo_guard"], true],
  ["with a key twice", '{"ok": true, "ok": false}', ["evidence_well_formed_slo_guard"], true],
  ["an array", "[]", ["evidence_required_fields_slo_guard", "evidence_schema_slo_guard"], false],
  ["an empty object", "{}", [
    "evidence_required_fields_slo_guard",
    "evidence_schema_slo_guard",
  ], false],
  ["of wrong types", good({ ok: null, channels: "banana" }), ["evidence_schema_slo_guard"], false],
  ["without a nested field", good({ summary: {} }), ["evidence_required_fields_slo_guard"], false],
];

for (const [what, evidence, ids, always] of BAD) {
  Deno.test(`evidence that is ${what} fails [${ids}]${always ? " always" : " under --strict"}`, async () => {
    await using repository = await repositoryWith({ [EVIDENCE]: evidence });
    const loose = await guard(repository);
    assertEquals([loose.code, failed(loose)], [always ? 2 : 0, ids]);
    assertEquals((await guard(repository, ["--strict"])).code, 2);
  });
}

Deno.test("a violation is named with its file, its place and the keyword", async () => {
  await using repository = await repositoryWith({ [EVIDENCE]: good({ channels: ["mail", 7] }) });
  const { report } = await guard(repository);
  const row = report.checks.find(({ id }) => id === "evidence_schema_slo_guard");
  const { violations } = row?.value as { violations: Record<string, string>[] };
  assertEquals(violations.map(({ file, pointer, keyword }) => [file, pointer, keyword]), [
    [EVIDENCE, "/channels/1", "type"],
  ]);
  assertMatch(row?.hint ?? "", /slo_guard_1767225600\.json \/channels\/1/);
});

Deno.test("a report that did not pass needs no fields of its own", async () => {
  const conditional = {
    ...schema,
    required: ["ok"],
    if: { properties: { ok: { const: true } } },
    then: { required: ["channels", "summary"] },
  };
  await using repository = await repositoryWith({
    [SCHEMA]: conditional,
    [EVIDENCE]: { kind: "slo_guard", ok: false, ended_at: 1 },
  });
  assertEquals(failed(await guard(repository)), []);
});

Deno.test("all young files are judged, not only the newest", async () => {
  await using repository = await repositoryWith({
    [EVIDENCE]: good(),
    ".data/out/slo_guard_1767225601.json": good({ ended_at: Date.now() / 1000 - 600, ok: 1 }),
  });
  assertEquals(failed(await guard(repository)), ["evidence_schema_slo_guard"]);
  assertEquals(failed(await guard(repository, ["--max-age-s", "300"])), []);
});

Deno.test("missing evidence fails only where it is demanded, not planned and not pending", async () => {
  await using repository = await repositoryWith();
  assertEquals(failed(await guard(repository, ["--strict"])), []);
  const demanded = await guard(repository, ["--require-evidence"]);
  assertEquals([demanded.code, failed(demanded)], [2, ["evidence_exists_slo_guard"]]);
  const env = { WA_ARTIFACT_SCHEMA_CATALOG_REQUIRE_EVIDENCE: "1" };
  assertEquals((await guard(repository, [], env)).code, 2);
  const pending = await guard(repository, ["--require-evidence", "--pending", "slo_guard"]);
  assertEquals([pending.code, pending.report.pending], [0, ["slo_guard"]]);
  assertEquals((await guard(repository, ["--pending", "slo_gard"])).code, 64);
  await repository.write(POLICY, policyOf({ ...entry, status: "planned" }));
  const planned = await guard(repository, ["--require-evidence"]);
  assertEquals(planned.code, 0);
  assertMatch(planned.report.headline, /1 artifacts planned/);
});

Deno.test("inside a run the artifacts of later steps are pending without being named", async () => {
  await using repository = await repositoryWith();
  const { report } = await guard(repository, [], { WA_RELEASE_RUN_ID: "run-1" });
  assert((report.pending as string[]).includes("release_manifest"));
  const row = report.checks.find(({ id }) => id === "pending_producers_named");
  assertEquals((row?.value as { run_id: string }).run_id, "run-1");
});

Deno.test("a planned artifact with a script or a file is no longer planned", async () => {
  await using repository = await repositoryWith({
    [POLICY]: policyOf({ ...entry, status: "planned" }),
    "scripts/slo_guard.ts": "export {};\n",
  });
  assertEquals(failed(await guard(repository, ["--strict"])), [
    "planned_artifacts_have_no_producer",
  ]);
});

Deno.test("schemas are judged themselves: missing, malformed, unused, weaker than the policy", async () => {
  await using repository = await repositoryWith({ [SCHEMA]: { ...schema, required: ["ok"] } });
  assertEquals(failed(await guard(repository)), ["schema_requires_fields_slo_guard"]);
  await repository.write(SCHEMA, { ...schema, properties: { ok: { type: "bool" } } });
  assertEquals(failed(await guard(repository)), ["schema_valid_slo_guard"]);
  await repository.write(SCHEMA, { ...schema, $schema: "http://json-schema.org/draft-07/schema#" });
  assertEquals(failed(await guard(repository)), ["schema_valid_slo_guard"]);
  await Deno.remove(repository.path(SCHEMA));
  assertEquals(failed(await guard(repository)), ["schema_valid_slo_guard"]);
  await repository.write(SCHEMA, schema);
  await repository.write("security/schemas/artifacts/other.schema.json", schema);
  assertEquals(failed(await guard(repository)), ["schemas_and_entries_agree"]);
});

Deno.test("a schema that breaks readers since the last tag needs a new version", async () => {
  await using repository = await TempRepository.make({
    "deno.json": {},
    [POLICY]: policyOf({ ...entry, required_fields: [] }),
    [PAGE]: page([]),
    [SCHEMA]: schema,
  }, { git: true });
  await repository.git("tag", "v1.0.0");
  await repository.write(SCHEMA, { ...schema, required: ["ok"] });
  const broken = await guard(repository, ["--strict"]);
  assertEquals(failed(broken), ["schemas_compatible_with_last_tag"]);
  const properties = { ...schema.properties, schema_version: { const: 2 } };
  await repository.write(SCHEMA, { ...schema, properties, required: ["ok"] });
  assertEquals(failed(await guard(repository, ["--strict"])), []);
});

Deno.test("files that no entry is about are named, and so are artifacts without an entry", async () => {
  await using repository = await repositoryWith({ ".data/out/stray_1767225600.json": {} });
  assertEquals(failed(await guard(repository)), ["catalog_covers_files"]);
  await Deno.remove(repository.path(".data"), { recursive: true });
  await repository.write(POLICY, { version: 2, entries: [entry] });
  const ids = failed(await guard(repository));
  assertEquals(ids, ["catalog_entries_in_policy", "catalog_covers_release_artifacts"]);
});

Deno.test("a policy of the earlier form is understood: ids, globs and fields", async () => {
  const { id, artifact_glob, required_fields } = entry;
  await using repository = await repositoryWith({
    [POLICY]: policyOf({ id, artifact_glob, required_fields }, 1),
    [EVIDENCE]: good({ channels: undefined }),
  });
  await Deno.remove(repository.path(SCHEMA));
  const ids = failed(await guard(repository));
  assertEquals(ids, ["schemas_and_entries_agree", "evidence_required_fields_slo_guard"]);
});

Deno.test("--print-catalog prints a page that passes", async () => {
  await using repository = await repositoryWith({ [PAGE]: "" });
  const printed = await runScript(SCRIPT, ["--print-catalog"], { root: repository.root });
  assertMatch(printed.stdout, /- `summary\.window_s`: number/);
  await repository.write(PAGE, printed.stdout);
  assertEquals(failed(await guard(repository)), []);
});

Deno.test("documented variables name the catalogue and the policy", async () => {
  await using repository = await repositoryWith();
  await Deno.rename(repository.path(POLICY), repository.path("policy.json"));
  await Deno.rename(repository.path(PAGE), repository.path("page.md"));
  const end = await guard(repository, [], {
    WA_ARTIFACT_SCHEMA_CATALOG_FILE: "page.md",
    WA_ARTIFACT_SCHEMA_CATALOG_POLICY_FILE: "policy.json",
    WA_ARTIFACT_SCHEMA_CATALOG_STRICT: "1",
  });
  assertEquals(failed(end), []);
  assertEquals([end.report.policy_file, end.report.catalog_file], ["policy.json", "page.md"]);
  assertEquals(end.report.strict, true);
});

Deno.test("the seal looks again at what was pending in its run", async () => {
  const manifest = { WA_RELEASE_RUN_ID: "run-1" };
  await using repository = await releaseRepository({
    [POLICY]: policyOf(entry),
    [PAGE]: page(),
    [SCHEMA]: schema,
  });
  await writeGateReport(repository, { correlation: { run_id: "run-1" } });
  const seal = async (id: string) => {
    const end = await runScript("generate_release_manifest", [
      "--json",
      "--strict",
      "--gate-evidence-pattern",
      GOVERNANCE,
      "--release-candidate-id",
      id,
    ], { root: repository.root, env: manifest });
    return end.report.checks.find((check) => check.id === "pending_artifacts_keep_schema");
  };
  assertMatch((await seal("rc-1"))?.not_applicable ?? "", /did not run/);
  await guard(repository, ["--pending", "slo_guard"], manifest);
  assertMatch((await seal("rc-2"))?.not_applicable ?? "", /none of \d+ pending/);
  await repository.write(EVIDENCE, good({ correlation: { run_id: "run-1" }, channels: "banana" }));
  const wrong = await seal("rc-3");
  assertEquals([wrong?.ok, wrong?.mode], [false, "enforce"]);
  await repository.write(EVIDENCE, good({ correlation: { run_id: "run-1" } }));
  const { absent, ...rest } = (await seal("rc-4"))?.value as { absent: string[] };
  assertEquals(rest, { examined: 1, faults: [] });
  assert(!absent.includes("slo_guard"));
});
