/**
 * The own fields of each report: what a script adds to the envelope when it passed.
 *
 * @module
 */
import { z } from "zod";
import { ReleaseManifest } from "../manifest/manifest.ts";
import { RunState } from "../preflight/resume.ts";
import { StepResult } from "../preflight/step_result.ts";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.int().min(0);
const EpochS = z.number().min(0);
const Texts = z.array(z.string());
const Rows = z.array(z.looseObject({}));

export const releasePreflight = {
  interrupted: z.boolean().describe("The run was stopped before its end"),
  run_state: RunState,
  steps: z.array(StepResult),
};

export const releaseGovernance = {
  versions: z.looseObject({
    app_version: z.string(),
    state_schema_version: z.string().nullable(),
  }),
  paths: z.looseObject({ policy: z.string(), changes_file: z.string(), release_doc: z.string() }),
};

export const releaseManifest = {
  ...ReleaseManifest.pick({
    version: true,
    app: true,
    artifacts: true,
    gate_evidence_map: true,
    manifest_sha256: true,
  }).shape,
  generated_at: EpochS.describe("Epoch seconds"),
};

export const releaseManifestVerify = { manifest: z.string().describe("The manifest's path") };

export const releaseChannelsValidate = {
  file: z.string().describe("The registry"),
  expected_version: z.string().nullable(),
};

export const releaseChannelsChange = {
  action: z.string(),
  file: z.string().optional(),
  dry_run: z.boolean().optional(),
  channel: z.string().optional(),
  from_version: z.string().optional(),
  to_version: z.string().optional(),
};

export const releaseCompatMatrix = {
  policy: z.looseObject({ app_version: z.string() }).nullable(),
  cases: Rows,
};

export const adapterContract = {
  contract_path: z.string(),
  supported_placeholders: Texts,
  runtime_command_template_sha256: Sha256.or(z.literal("")),
  adapters: Rows,
};

export const releaseRolloutGuard = {
  channels_file: z.string(),
  policy_file: z.string(),
};

export const releaseRolloutExecutor = {
  outcome: z.string().describe("How the run ended, in one word"),
  changed: z.boolean(),
  dry_run: z.boolean(),
  run_apply: z.boolean(),
  target_version: z.string(),
  plan: z.looseObject({ action: z.string() }),
  apply_result: z.looseObject({ applied: z.boolean(), dry_run: z.boolean() }),
  gate_evidence: Rows,
};

export const disasterRecoveryDrill = {
  primary: z.string().describe("Folder whose loss was rehearsed"),
  region_a: z.string(),
  region_b: z.string(),
  excluded: Texts.describe("Paths that were left out; relative to the primary"),
  from_current: z.boolean().describe("The last good copy was restored, no new one made"),
  proven: z.boolean().describe("The copy came back whole, was read, and damage was noticed"),
  rpo_s: z.number().min(0).nullable()
    .describe("Age of the newest restored record when the drill began, seconds"),
  rto_s: z.number().min(0).nullable().describe("Restoration, comparison and probe, seconds"),
  max_rpo_s: z.number(),
  max_rto_s: z.number(),
  snapshot: z.looseObject({ name: z.string(), files: Count, bytes: Count, tree_sha256: Sha256 }),
  damage: z.array(
    z.looseObject({ damage: z.string(), path: z.string(), detected: z.boolean() }),
  ),
};

export const incidentNotify = {
  mode: z.enum(["normal", "replay", "dry_run"]),
  skipped: z.boolean().describe("Nobody had to be told"),
  reason: z.string().describe("Why nobody, or not everybody, was told; empty otherwise"),
  drill: z.boolean(),
  incident_report: z.string().describe("Path; empty where there is none"),
  routed_channels: Texts,
  channels: z.array(z.looseObject({
    channel: z.string(),
    target: z.string().describe("Without its secret"),
    delivery_id: Sha256,
    ok: z.boolean(),
    status: z.string(),
    attempts: Rows,
  })),
  dead_letters: Texts.describe("Paths of what could not be delivered"),
};

export const incidentNotifyDrill = {
  drill: z.literal(true),
  drill_id: z.string().describe("Nonce that every channel had to bring"),
  host: z.string(),
  port: Count,
  with_email: z.boolean(),
  smtp_port: Count.describe("0 without mail"),
  incident_report_path: z.string(),
  incident_notify_report_path: z.string(),
  calls: Rows,
  email_calls: Rows,
};

export const docEncodingGuard = {
  docs_root: z.string(),
  files_total: Count,
  decode_failures: Rows,
  suspicious_files: Rows,
};

export const docsRealityGuard = {
  policy_file: z.string(),
  docs_scanned: Texts.or(Rows),
  missing_paths: Texts,
  command_failures: Rows,
};

export const correlationTraceGuard = {
  paths: z.looseObject({
    rollout_report: z.string().nullable(),
    alert_report: z.string().nullable(),
    incident_report: z.string().nullable(),
  }),
};

export const artifactSchemaCatalogGuard = {
  require_evidence: z.boolean(),
  policy_file: z.string(),
  catalog_file: z.string(),
  entries: z.array(z.looseObject({
    id: z.string(),
    artifact_glob: z.string(),
    status: z.enum(["produced", "planned"]),
    required_fields: Texts,
    latest_evidence: z.string().nullable(),
  })),
  pending: Texts.describe("Artifacts whose producer runs later in the same preflight"),
};

export const auditChainVerify = {
  log_path: z.string(),
  state_file: z.string(),
  entry_count: Count,
  last_hash: Sha256.or(z.literal("")),
  root_hash: Sha256.or(z.literal("")),
};

export const auditCheckpoint = {
  origin: z.string(),
  size: Count.describe("Entries the checkpoint covers"),
  root_hash: Sha256,
  note: z.string().describe("The checkpoint, a signed note"),
};

export const auditProofVerify = { proof_path: z.string() };
