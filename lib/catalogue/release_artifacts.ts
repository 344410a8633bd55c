import type { ArtifactKind } from "./artifact_kind.ts";
import { own } from "./declare_artifact.ts";

/** Of releasing, rolling out, and moving traffic. */
export const RELEASE_ARTIFACTS: readonly ArtifactKind[] = [
  {
    id: "release_preflight",
    about: "Every step of a preflight run with its verdict",
    producer: "release_preflight",
    fields: own((fields) => fields.releasePreflight),
  },
  {
    id: "release_preflight_page",
    about: "The same for people, as one page",
    producer: "release_preflight",
    glob: ".data/out/release_preflight_*.html",
    format: "other",
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
];
