/** One step of preflight: a sibling script with its arguments. */
export interface Step {
  /** Stable step id of the user's document. */
  id: string;
  /** Base name in `scripts/`. */
  script: string;
  /** Prefix of its report, which is the kind of evidence it makes. */
  kind: string;
  /** Why the step is there, in one sentence. */
  why: string;
  /** Arguments that are always given, the subcommand first. */
  args?: readonly string[];
  /** Further arguments under `--quick`, and without it. */
  quickArgs?: readonly string[];
  fullArgs?: readonly string[];
  /** Steps whose output this one reads: it is blocked when one of them failed. */
  needs?: readonly string[] | "all";
  /** Name of the documented flag that skips it. */
  skipFlag: string;
  /** Longest time it may take, seconds. */
  timeoutS: number;
  group: "release" | "rollout" | "documents" | "audit" | "seal";
  /** Strict runs refuse to skip it without a waiver. */
  mandatory: boolean;
}

/**
 * The steps, in the order they run: the order of the user's document ("Failure Diagnostics"), with
 * what that document does not place put where its inputs exist. The seal comes last.
 */
export const STEPS: readonly Step[] = [
  {
    id: "release_governance_check",
    script: "release_governance_check",
    kind: "release_governance",
    why: "Nothing below means anything while version, schema and policies disagree",
    skipFlag: "skip-release-governance",
    timeoutS: 60,
    group: "release",
    mandatory: true,
  },
  {
    id: "release_channel_validate",
    script: "release_channel_control",
    kind: "release_channels_validate",
    args: ["validate"],
    why: "The registry must be sound before anybody plans a rollout from it",
    skipFlag: "skip-release-channels",
    timeoutS: 60,
    group: "release",
    mandatory: true,
  },
  {
    id: "release_rollout_guard",
    script: "release_rollout_guard",
    kind: "release_rollout_guard",
    why: "What the channels serve, and how they came to it, must be within the rollout policy",
    skipFlag: "skip-release-rollout-guard",
    timeoutS: 60,
    group: "rollout",
    mandatory: true,
  },
  {
    id: "release_compat_matrix",
    script: "release_compat_matrix",
    kind: "release_compat_matrix",
    why: "Yesterday's data must be readable tomorrow, and tomorrow's after a rollback",
    skipFlag: "skip-release-compat-matrix",
    timeoutS: 120,
    group: "release",
    mandatory: true,
  },
  {
    id: "release_rollout_adapter_contract",
    script: "release_rollout_adapter_contract_check",
    kind: "release_rollout_adapter_contract",
    why: "A command that moves traffic is checked before it is needed",
    skipFlag: "skip-release-rollout-adapter-contract",
    timeoutS: 60,
    group: "rollout",
    mandatory: true,
  },
  {
    id: "create_rollback_bundle",
    script: "create_rollback_bundle",
    kind: "rollback_bundle_report",
    args: ["--label", "preflight"],
    quickArgs: ["--recent", "2"],
    fullArgs: ["--recent", "4"],
    why: "What a rollback restores is packed and rehearsed before it is needed",
    skipFlag: "skip-rollback-bundle",
    timeoutS: 120,
    group: "rollout",
    mandatory: false,
  },
  {
    id: "rollback_drill_guard",
    script: "rollback_drill_guard",
    kind: "rollback_drill_guard",
    why: "A way back that was not walked lately is a hope",
    skipFlag: "skip-rollback-drill-guard",
    timeoutS: 60,
    group: "rollout",
    mandatory: true,
  },
  {
    id: "doc_encoding_guard",
    script: "doc_encoding_guard",
    kind: "doc_encoding_guard",
    why: "Garbled or disguised text must not reach a reader",
    skipFlag: "skip-doc-encoding-guard",
    timeoutS: 120,
    group: "documents",
    mandatory: true,
  },
  {
    id: "doc_reality_guard",
    script: "docs_reality_guard",
    kind: "docs_reality_guard",
    why: "The documents must describe what is there",
    skipFlag: "skip-doc-reality-guard",
    timeoutS: 180,
    group: "documents",
    mandatory: true,
  },
  {
    id: "release_rollout_executor_dry_run",
    script: "release_rollout_executor",
    kind: "release_rollout_executor",
    args: ["--dry-run"],
    why: "The next stage is planned, and anything left pending by a crash is found",
    skipFlag: "skip-release-rollout-plan",
    timeoutS: 60,
    group: "rollout",
    mandatory: true,
  },
  {
    id: "correlation_trace_guard",
    script: "correlation_trace_guard",
    kind: "correlation_trace_guard",
    why: "Evidence of one candidate must carry the same ids in places that do not copy each other",
    skipFlag: "skip-correlation-guard",
    timeoutS: 60,
    group: "audit",
    mandatory: true,
  },
  {
    id: "audit_trail_integrity",
    script: "verify_audit_chain",
    kind: "audit_chain_verify",
    why: "The log of what was done must be whole, and older than this run",
    skipFlag: "skip-audit-trail-verify",
    timeoutS: 300,
    group: "audit",
    mandatory: true,
  },
  {
    id: "artifact_schema_catalog_guard",
    script: "artifact_schema_catalog_guard",
    kind: "artifact_schema_catalog_guard",
    why: "What machines read later must keep to its schema; producers still to come are named",
    skipFlag: "skip-artifact-schema-catalog-guard",
    timeoutS: 60,
    group: "documents",
    mandatory: true,
  },
  {
    id: "migration_assistant",
    script: "migration_assistant",
    kind: "migration_assistant",
    why: "Whoever upgrades needs each step with its command and its way back",
    skipFlag: "skip-migration-assistant",
    timeoutS: 120,
    group: "release",
    mandatory: true,
  },
  {
    id: "generate_release_manifest",
    script: "generate_release_manifest",
    kind: "release_manifest",
    // Running the gates again on the same commit is a further revision of the same candidate.
    args: ["--supersede", "preflight ran again"],
    why: "Seals this run: its evidence, by digest, under the release candidate",
    needs: "all",
    skipFlag: "skip-release-manifest",
    timeoutS: 120,
    group: "seal",
    mandatory: true,
  },
];
