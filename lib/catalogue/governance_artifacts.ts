import type { ArtifactKind } from "./artifact_kind.ts";
import { markdown, own } from "./declare_artifact.ts";

/** Of documents, drills, alerts, incidents, publication, and the audit log. */
export const GOVERNANCE_ARTIFACTS: readonly ArtifactKind[] = [
  {
    id: "rollback_bundle_report",
    about: "What a rollback would restore, packed and rehearsed",
    producer: "create_rollback_bundle",
  },
  {
    id: "rollback_bundle_verify",
    about: "Whether a rollback bundle is whole",
    producer: "create_rollback_bundle",
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
];
