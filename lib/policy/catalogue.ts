import type { z } from "zod";

/** A policy file that this toolkit knows: where it stands and what it must look like. */
export interface PolicyEntry {
  /** Base name without extension; the schema is `security/schemas/<name>.schema.json`. */
  name: string;
  /** One sentence for documents. */
  about: string;
  /** Loads the schema; a script that needs one policy does not pay for all of them. */
  schema: () => Promise<z.ZodType>;
  /** Check id of the governance row that judges it; absent where another row does. */
  governanceCheck?: string;
  /** Flag of the governance script that names another file. */
  flag?: string;
}

/** Every policy file, in the order of the documents. */
export const POLICIES: readonly PolicyEntry[] = [
  {
    name: "release_policy",
    about: "Version, state schema, runtime data contract and manifest content of a release",
    schema: async () => (await import("./release_policy.ts")).ReleasePolicy,
  },
  {
    name: "release_rollout_policy",
    about: "Stages of a rollout, what must precede a promotion, and the evidence an apply needs",
    schema: async () => (await import("./release_rollout_policy.ts")).ReleaseRolloutPolicy,
    flag: "rollout-policy",
  },
  {
    name: "release_compat_matrix",
    about: "Which persistent state must be readable by which version, and what reads it",
    schema: async () => (await import("./release_compat_matrix.ts")).ReleaseCompatMatrix,
  },
  {
    name: "release_traffic_adapter_contract",
    about: "What commands that move traffic may be, and what they may be told",
    schema: async () =>
      (await import("./release_traffic_adapter_contract.ts")).ReleaseTrafficAdapterContract,
    governanceCheck: "release_rollout_adapter_contract_loaded",
    flag: "rollout-adapter-contract",
  },
  {
    name: "canary_analysis_policy",
    about: "What a canary is compared with its baseline by, and how sure the answer must be",
    schema: async () => (await import("./canary_analysis_policy.ts")).CanaryAnalysisPolicy,
  },
  {
    name: "rollback_drill_signature_policy",
    about: "How evidence of rollback drills is signed, by whom, and whether it must be",
    schema: async () =>
      (await import("./rollback_drill_signature_policy.ts")).RollbackDrillSignaturePolicy,
    governanceCheck: "rollback_signature_policy_loaded",
    flag: "rollback-signature-policy",
  },
  {
    name: "disaster_recovery_policy",
    about:
      "What a copy of the data must hold, how old it may be, and how long it may take to return",
    schema: async () => (await import("./disaster_recovery_policy.ts")).DisasterRecoveryPolicy,
  },
  {
    name: "incident_routing",
    about: "Which incident goes through which channels, and when nobody is told",
    schema: async () => (await import("./incident_routing.ts")).IncidentRouting,
  },
  {
    name: "oncall_roster",
    about: "Who is on call, when, and how they are reached",
    schema: async () => (await import("./oncall_roster.ts")).OncallRoster,
  },
  {
    name: "docs_reality_policy",
    about: "Which documents are compared with the repository, and how strictly",
    schema: async () => (await import("./docs_reality_policy.ts")).DocsRealityPolicy,
  },
  {
    name: "artifact_schema_catalog_policy",
    about: "Every artifact, with where it is written and what it must look like",
    schema: async () =>
      (await import("./artifact_schema_catalog_policy.ts")).ArtifactSchemaCatalogPolicy,
  },
  {
    name: "evidence_trust_policy",
    about: "Whose signatures on evidence count, for what and when",
    schema: async () => (await import("./evidence_trust_policy.ts")).EvidenceTrustPolicy,
  },
];

/** Path of a policy file, relative to root. */
export function policyPath(name: string): string {
  return `security/${name}.json`;
}
