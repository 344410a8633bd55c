import { Ajv2020 } from "ajv/dist/2020.js";
import { assert, assertEquals } from "@std/assert";
import { ARTIFACT_KINDS } from "../../../lib/catalogue/artifact_kinds.ts";
import { catalogueFiles } from "../../../lib/catalogue/catalogue_entries.ts";
import { artifactSchema } from "../../../lib/catalogue/json_schema.ts";
import { readCatalogue } from "../../../lib/catalogue/read_catalogue.ts";
import { ArtifactSchemaCatalogPolicy } from "../../../lib/policy/artifact_schema_catalog_policy.ts";
import { STEPS } from "../../../lib/preflight/registry.ts";

/** Base names that the user's document says are uploaded. */
const UPLOADED = [
  "release_governance_*.json",
  "release_manifest_*.json",
  "release_compat_matrix_*.json",
  "release_rollout_adapter_contract_*.json",
  "release_rollout_guard_*.json",
  "release_rollout_executor_*.json",
  "rollback_drill_guard_*.json",
  "rollback_drill_signature_*.json",
  "doc_encoding_guard_*.json",
  "docs_reality_guard_*.json",
  "preflight_trend_guard_*.json",
  "citation_verify_long_soak_guard_*.json",
  "alert_escalation_*.json",
  "correlation_trace_guard_*.json",
  "incident_report_*.json",
  "incident_report_*.md",
  "incident_notify_*.json",
  "incident_notify_drill_*.json",
  "incident_notify_drill_notify_*.json",
  "incident_report_drill_*.json",
  "incident_config_guard_*.json",
  "sensitive_output_scan_*.json",
  "data_classification_guard_*.json",
  "artifact_schema_catalog_guard_*.json",
  "public_release_guard_*.json",
  "migration_assistant_*.json",
  "migration_assistant_*.md",
  "release_notes_*.md",
  "audit_chain_verify_*.json",
  "operations_audit_chain.ndjson",
  "operations_audit_chain_state.json",
  "capacity_guard_*.json",
  "capacity_forecast_*.json",
  "capacity_forecast_*.md",
  "capacity_baseline_refresh_*.json",
  "capacity_policy_generated_*.json",
  "capacity_alert_threshold_suggest_*.json",
  "capacity_alert_thresholds_suggested.json",
  "capacity_alert_policy_drift_*.json",
  "capacity_policy_threshold_patch_suggested.json",
  "capacity_policy_patch_apply_*.json",
  "capacity_stress_gate_*.json",
  "capacity_stress_matrix_*.json",
  "dependency_audit_*.json",
  "sbom-manifest.json",
];

const SCRIPTS = new Set(["release_governance_check", "generate_release_manifest", "audit_log"]);

async function generated() {
  const files = new Map((await catalogueFiles(SCRIPTS)).map(({ path, text }) => [path, text]));
  const policy = ArtifactSchemaCatalogPolicy.parse(
    JSON.parse(files.get("security/artifact_schema_catalog_policy.json")!),
  );
  return { files, policy };
}

Deno.test("every artifact that the user's document names has an entry", async () => {
  const { policy } = await generated();
  const names = policy.entries.map(({ artifact_glob }) => artifact_glob.split("/").at(-1));
  assertEquals(UPLOADED.filter((name) => !names.includes(name)), []);
});

Deno.test("every artifact of a preflight step has an entry", async () => {
  const ids = new Set((await generated()).policy.entries.map(({ id }) => id));
  assertEquals(STEPS.map(({ kind }) => kind).filter((kind) => !ids.has(kind)), []);
});

Deno.test("an artifact is produced exactly when its script is there, and then has a schema", async () => {
  const { files, policy } = await generated();
  for (const { id, status, producer, schema, format, required_fields } of policy.entries) {
    assertEquals(status === "produced", SCRIPTS.has(producer ?? ""), id);
    const structured = format === "json" || format === "ndjson";
    assertEquals(schema !== undefined, status === "produced" && structured, id);
    if (schema !== undefined) assert(files.has(schema), id);
    assertEquals(required_fields.length > 0, status === "produced" && format === "json", id);
  }
});

Deno.test("the page says the same as the policy, section by section", async () => {
  const { files, policy } = await generated();
  const sections = readCatalogue(files.get("docs/ARTIFACT_SCHEMA_CATALOG.md")!);
  const [planned, produced] = [true, false].map((wanted) =>
    policy.entries.filter(({ status }) => (status === "planned") === wanted)
  );
  assertEquals(
    sections.map(({ id, globs, fields }) => ({ id, globs, fields })),
    [...produced!, ...planned!].map(({ id, artifact_glob, required_fields }) => (
      { id, globs: [artifact_glob], fields: required_fields }
    )),
  );
});

Deno.test("every schema is JSON Schema 2020-12 by an independent validator, with an id of its own", async () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const ids = new Set<string>();
  for (const kind of ARTIFACT_KINDS) {
    if (kind.format === "markdown" || kind.format === "other") continue;
    const schema = await artifactSchema(kind);
    assertEquals(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
    assert(ajv.validateSchema(schema), `${kind.id}: ${ajv.errorsText()}`);
    ids.add(schema.$id!);
  }
  assert(ids.size > 40);
});
