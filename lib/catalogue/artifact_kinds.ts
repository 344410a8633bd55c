import type { z } from "zod";
import type { ArtifactKind } from "./artifact_kind.ts";

type OwnFields = typeof import("./own_fields.ts");

/** Own fields of a report, loaded only where schemas are made. */
const own = (pick: (fields: OwnFields) => z.ZodRawShape) => async (): Promise<z.ZodRawShape> =>
  pick(await import("./own_fields.ts"));

const markdown = (
  id: string,
  producer: string,
  about: string,
  headings: string[] = [],
): ArtifactKind => ({
  id: `${id}.md`,
  about,
  producer,
  glob: `.data/out/${id}_*.md`,
  format: "markdown",
  headings,
});

/**
 * Every artifact: those the user's document says are uploaded, and those this toolkit adds.
 *
 * Whether one is produced or planned is not written here: it follows from its script being there.
 */
export const ARTIFACT_KINDS: readonly ArtifactKind[] = [
  {
    id: "release_preflight",
    about: "Every step of a preflight run with its verdict",
    producer: "release_preflight",
    fields: own((fields) => fields.releasePreflight),
  },
  {
    id: "release_preflight_seal",
    about: "Binds a finished preflight report to the manifest that its last step sealed",
    producer: "release_preflight",
    schema: async () => (await import("./file_schemas.ts")).PreflightSeal,
  },
  {
    id: "release_governance",
    about: "Whether versions, policies, runtime data and documents agree",
    producer: "release_governance_check",
    fields: own((fields) => fields.releaseGovernance),
    required: true,
  },
  {
    id: "release_manifest",
    about: "What a candidate consists of and what was proven about it, by digest",
    producer: "generate_release_manifest",
    fields: own((fields) => fields.releaseManifest),
  },
  {
    id: "release_manifest_envelope",
    about: "Signed statement about a manifest (DSSE, in-toto Statement v1)",
    producer: "generate_release_manifest",
    glob: ".data/out/release_manifest_*.intoto.json",
    schema: async () => (await import("../audit/dsse.ts")).Envelope,
  },
  {
    id: "release_manifest_verify",
    about: "Whether a sealed manifest still holds",
    producer: "generate_release_manifest",
    fields: own((fields) => fields.releaseManifestVerify),
  },
  {
    id: "release_index",
    about: "Every manifest ever sealed for one candidate, oldest first",
    producer: "generate_release_manifest",
    glob: ".data/releases/*.json",
    schema: async () => (await import("../manifest/release_index.ts")).ReleaseIndex,
  },
  {
    id: "release_channels_validate",
    about: "Whether the channel registry is sound",
    producer: "release_channel_control",
    fields: own((fields) => fields.releaseChannelsValidate),
    required: true,
  },
  {
    id: "release_channels_change",
    about: "One change of the channel registry",
    producer: "release_channel_control",
    fields: own((fields) => fields.releaseChannelsChange),
  },
  {
    id: "release_compat_matrix",
    about: "State of other schema versions, read as after an upgrade or a rollback",
    producer: "release_compat_matrix",
    fields: own((fields) => fields.releaseCompatMatrix),
    required: true,
  },
  {
    id: "release_rollout_adapter_contract",
    about: "Whether the commands that move traffic keep their contract",
    producer: "release_rollout_adapter_contract_check",
    fields: own((fields) => fields.adapterContract),
    required: true,
  },
  {
    id: "release_rollout_guard",
    about: "Whether the registry shows a disciplined canary-then-stable progression",
    producer: "release_rollout_guard",
    fields: own((fields) => fields.releaseRolloutGuard),
    required: true,
  },
  {
    id: "release_rollout_executor",
    about: "One run of the rollout executor: plan, what was applied, and what is in force",
    producer: "release_rollout_executor",
    fields: own((fields) => fields.releaseRolloutExecutor),
    required: true,
  },
  {
    id: "traffic_adapter_command",
    about: "One call of the traffic adapter for a program",
    producer: "traffic_adapter_command",
  },
  {
    id: "traffic_adapter_haproxy",
    about: "One call of the traffic adapter for HAProxy",
    producer: "traffic_adapter_haproxy",
  },
  {
    id: "traffic_adapter_kubernetes",
    about: "One call of the traffic adapter for Kubernetes",
    producer: "traffic_adapter_kubernetes",
  },
  {
    id: "traffic_adapter_nginx",
    about: "One call of the traffic adapter for nginx",
    producer: "traffic_adapter_nginx",
  },
  {
    id: "canary_analysis",
    about: "Canary compared with stable, metric by metric",
    producer: "canary_analysis",
  },
  {
    id: "rollback_drill_guard",
    about: "Whether rollback was drilled recently and completely",
    producer: "rollback_drill_guard",
    required: true,
  },
  {
    id: "rollback_drill_signature",
    about: "Signature over the evidence of a rollback drill",
    producer: "sign_rollback_drill_evidence",
  },
  {
    id: "preflight_trend_guard",
    about: "How gates and load evidence moved over recent runs",
    producer: "preflight_trend_guard",
    required: true,
  },
  {
    id: "doc_encoding_guard",
    about: "Whether documents are UTF-8 and not garbled",
    producer: "doc_encoding_guard",
    fields: own((fields) => fields.docEncodingGuard),
    required: true,
  },
  {
    id: "docs_reality_guard",
    about: "Whether what documents name is there",
    producer: "docs_reality_guard",
    fields: own((fields) => fields.docsRealityGuard),
    required: true,
  },
  {
    id: "citation_verify_long_soak_guard",
    about: "Whether long-soak evidence is retained and no worse than its baseline",
    producer: "citation_verify_long_soak_guard",
  },
  {
    id: "alert_escalation",
    about: "Level of escalation that recent alerts call for",
    producer: "alert_escalation_guard",
    required: true,
  },
  {
    id: "correlation_trace_guard",
    about: "Whether rollout, alert and incident artifacts carry the same ids",
    producer: "correlation_trace_guard",
    fields: own((fields) => fields.correlationTraceGuard),
    required: true,
  },
  {
    id: "incident_report",
    about: "An incident with its evidence and timeline",
    producer: "create_incident_report",
  },
  markdown("incident_report", "create_incident_report", "The incident for people"),
  {
    id: "incident_notify",
    about: "Who was told about an incident, and through what",
    producer: "incident_notify",
  },
  {
    id: "incident_notify_drill",
    about: "A drill of the whole way from alert to notification",
    producer: "incident_notify_drill",
  },
  {
    id: "incident_notify_drill_notify",
    about: "The notification that a drill sent",
    producer: "incident_notify_drill",
  },
  {
    id: "incident_report_drill",
    about: "The incident that a drill invented",
    producer: "incident_notify_drill",
  },
  {
    id: "incident_config_guard",
    about: "Whether routing and roster reach somebody at any time",
    producer: "incident_config_guard",
    required: true,
  },
  {
    id: "sensitive_output_scan",
    about: "Secrets and personal data in what scripts wrote",
    producer: "sensitive_output_scan",
    required: true,
  },
  {
    id: "data_classification_guard",
    about: "Whether stored data keeps its classification and retention",
    producer: "data_classification_guard",
    required: true,
  },
  {
    id: "artifact_schema_catalog_guard",
    about: "Whether catalogue, policy, schemas and evidence agree",
    producer: "artifact_schema_catalog_guard",
    fields: own((fields) => fields.artifactSchemaCatalogGuard),
    required: true,
  },
  {
    id: "public_release_guard",
    about: "Whether a release may be published",
    producer: "public_release_guard",
    required: true,
  },
  {
    id: "migration_assistant",
    about: "How to get from one version to another, and back",
    producer: "migration_assistant",
    required: true,
  },
  markdown("migration_assistant", "migration_assistant", "The migration plan for people"),
  markdown("release_notes", "public_release_guard", "Notes of the release"),
  {
    id: "audit_chain_verify",
    about: "Whether the audit log is as it was written",
    producer: "verify_audit_chain",
    fields: own((fields) => fields.auditChainVerify),
    required: true,
  },
  {
    id: "audit_checkpoint",
    about: "A signed checkpoint of the audit log",
    producer: "audit_log",
    fields: own((fields) => fields.auditCheckpoint),
  },
  {
    id: "audit_proof_verify",
    about: "Whether a proof about the audit log holds",
    producer: "audit_log",
    fields: own((fields) => fields.auditProofVerify),
  },
  {
    id: "operations_audit_chain",
    about: "The audit log, one entry a line",
    producer: "audit_log",
    glob: ".data/audit/operations_audit_chain.ndjson",
    format: "ndjson",
    schema: async () => (await import("./file_schemas.ts")).AuditEntry,
  },
  {
    id: "operations_audit_chain_state",
    about: "How far the audit log had come when it was last appended to",
    producer: "audit_log",
    glob: ".data/audit/operations_audit_chain_state.json",
    schema: async () => (await import("../audit/state.ts")).AuditState,
  },
  {
    id: "capacity_guard",
    about: "Headroom compared with its baseline and limits",
    producer: "capacity_guard",
    required: true,
  },
  {
    id: "capacity_forecast",
    about: "When headroom will run out, with its interval",
    producer: "capacity_forecast",
    required: true,
  },
  markdown("capacity_forecast", "capacity_forecast", "The forecast for people"),
  {
    id: "capacity_baseline_refresh",
    about: "Candidate of a new capacity baseline and what it would change",
    producer: "update_capacity_baseline",
  },
  {
    id: "capacity_policy_generated",
    about: "Capacity policy that a baseline refresh proposes",
    producer: "update_capacity_baseline",
  },
  {
    id: "capacity_alert_threshold_suggest",
    about: "Alert thresholds suggested from measured capacity",
    producer: "suggest_capacity_alert_thresholds",
  },
  {
    id: "capacity_alert_thresholds_suggested",
    about: "The newest suggested thresholds, under a fixed name",
    producer: "suggest_capacity_alert_thresholds",
    glob: ".data/out/capacity_alert_thresholds_suggested.json",
  },
  {
    id: "capacity_alert_policy_drift",
    about: "Where alert thresholds in force differ from suggested ones",
    producer: "capacity_alert_policy_drift",
  },
  {
    id: "capacity_policy_threshold_patch_suggested",
    about: "Patch that would end the drift, under a fixed name",
    producer: "capacity_alert_policy_drift",
    glob: ".data/out/capacity_policy_threshold_patch_suggested.json",
  },
  {
    id: "capacity_policy_patch_apply",
    about: "Whether a threshold patch applies, and what it changed",
    producer: "apply_capacity_policy_threshold_patch",
  },
  {
    id: "capacity_stress_gate",
    about: "Freshness and quality of the newest stress matrix",
    producer: "capacity_stress_gate",
  },
  {
    id: "capacity_stress_matrix",
    about: "Measured load profiles",
    producer: "capacity_stress_matrix",
  },
  {
    id: "dependency_audit",
    about: "Known vulnerabilities of dependencies compared with their baseline",
    producer: "dependency_audit",
  },
  {
    id: "sbom_manifest",
    about: "Which bills of materials were made, with their digests",
    producer: "generate_sbom",
    glob: ".data/out/sbom/sbom-manifest.json",
  },
  {
    id: "sbom_cyclonedx",
    about: "Bills of materials in CycloneDX",
    producer: "generate_sbom",
    glob: ".data/out/sbom/*.cyclonedx.json",
    format: "other",
  },
];
