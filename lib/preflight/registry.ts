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
