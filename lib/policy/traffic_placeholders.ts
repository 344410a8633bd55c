/** Names the documented contract defines, each rendered to text. */
export const CONTRACT_PLACEHOLDERS = [
  "action",
  "target_version",
  "from_version",
  "to_version",
  "correlation_id",
  "release_candidate_id",
  "from_rollout_percent",
  "to_rollout_percent",
  "canary_rollout_percent",
  "stable_rollout_percent",
  "canary_version",
  "stable_version",
  "before_canary_rollout_percent",
  "before_stable_rollout_percent",
  "before_canary_version",
  "before_stable_version",
] as const;

/** Names added to them; the two weights always sum to 100, which the percents do not. */
export const ADDED_PLACEHOLDERS = [
  "canary_traffic_weight",
  "stable_traffic_weight",
  "generation",
  "fence",
  "intent_id",
  "stage_index",
  "stage_count",
] as const;

/** Every name a template may use. */
export type Placeholder =
  | typeof CONTRACT_PLACEHOLDERS[number]
  | typeof ADDED_PLACEHOLDERS[number];

/** Every name a template may use. */
export const SUPPORTED_PLACEHOLDERS: readonly Placeholder[] = [
  ...CONTRACT_PLACEHOLDERS,
  ...ADDED_PLACEHOLDERS,
];
