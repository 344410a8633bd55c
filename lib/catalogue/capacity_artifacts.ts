import type { ArtifactKind } from "./artifact_kind.ts";
import { markdown } from "./declare_artifact.ts";

/** Of capacity and of what the software is made of. */
export const CAPACITY_ARTIFACTS: readonly ArtifactKind[] = [
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
