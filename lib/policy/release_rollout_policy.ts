import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";

const Percent = z.int().min(0).max(100);
const Seconds = z.number().min(0);

/** Percents strictly rising, so that each stage is reached once and in order. */
const Stages = z.array(z.int().min(1).max(100)).min(1).refine(
  (stages) => stages.every((stage, at) => at === 0 || stage > (stages[at - 1] ?? 0)),
  { error: "must rise strictly" },
);

/** A report an apply needs. `pattern` names its kind: `.data/out/<kind>_*.json`. */
const RequiredReport = z.strictObject({
  id: z.string().min(1).describe("Shown as gate::<id>"),
  pattern: z.string().regex(
    /^(?:[A-Za-z0-9._-]+\/)*[a-z][a-z0-9_]*_\*\.json$/,
    "must be <folder>/<kind>_*.json",
  ).describe("Where the report lies; the part before _* is the kind it must say it is"),
  max_age_s: z.number().min(1).default(604_800).describe("Oldest report accepted, seconds"),
  required: z.boolean().default(true).describe("Whether an apply is blocked without it"),
  require_ok: z.boolean().default(true).describe("Whether its verdict must be positive"),
});

/** Somebody other than the actor allowed one version to skip the canary, for a limited time. */
const EmergencyOverride = z.strictObject({
  version: z.string().min(1).describe("The version that may skip the canary"),
  reason: z.string().min(1).describe("Why"),
  approver: z.string().min(1).describe("Who allowed it; must not be the actor"),
  incident_id: z.string().min(1).describe("The incident it answers"),
  expires_at: z.number().positive().describe("Epoch seconds; worthless afterwards"),
});

const Canary = z.strictObject({
  min_rollout_percent: Percent.default(1).describe("Smallest percent of a canary in flight"),
  max_rollout_percent: Percent.default(50).describe("Largest percent of a canary in flight"),
});

const Stable = z.strictObject({
  required_rollout_percent: Percent.default(100).describe("Percent of stable between rollouts"),
});

const History = z.strictObject({
  min_entries: z.int().min(0).default(0).describe("Fewest rows the registry must hold"),
  max_age_s: Seconds.default(2_592_000).describe("Oldest newest row of a rollout in flight, s"),
  require_reason: z.boolean().default(true).describe("Whether each row must say why"),
  require_actor: z.boolean().default(true).describe("Whether each row must say who"),
  allow_initial_equal_without_history: z.boolean().default(true)
    .describe("Whether a registry without history may start with equal versions"),
});

const Promotion = z.strictObject({
  require_canary_for_stable: z.boolean().default(true)
    .describe("Whether a version must be a canary before it is stable"),
  min_canary_observe_s: Seconds.default(1800).describe("Shortest canary before promotion, s"),
  allow_direct_stable_set: z.boolean().default(false)
    .describe("Whether stable may be set without a canary at all"),
  direct_stable_reason_keywords: z.array(z.string().min(1))
    .default(["hotfix", "emergency", "security", "rollback"])
    .describe("Words that mark an emergency; count only with an approver and an incident"),
  emergency_overrides: z.array(EmergencyOverride).default([])
    .describe("Versions that may skip the canary"),
  look_back_s: Seconds.default(7_776_000).describe("How far back promotions are judged, s"),
});

const StagePlan = z.strictObject({
  canary: Stages.default([5, 20, 50]).describe("Percents of the canary, in order"),
  stable: Stages.default([100]).describe("Percents of stable once promoted, in order"),
  min_stage_observe_s: Seconds.default(1800).describe("Shortest stay at each stage, s"),
});

const Gates = z.strictObject({
  required_reports: z.array(RequiredReport).default([]).describe("Reports an apply needs"),
});

const Verification = z.strictObject({
  margin_ratio: z.number().gt(0).lt(0.5).default(0.05)
    .describe("A served share this far from the wanted one counts as wrong, 0..0.5"),
  alpha: z.number().gt(0).lt(0.5).default(0.001)
    .describe("Risk of refusing a right split"),
  beta: z.number().gt(0).lt(0.5).default(0.001)
    .describe("Risk of accepting a split wrong by the margin or more"),
  max_samples: z.int().min(1).default(20_000).describe("Responses counted before giving up"),
});

/**
 * Shape of `security/release_rollout_policy.json`. A missing key has the default of its schema; a
 * missing file has none, and blocks every apply.
 */
export const ReleaseRolloutPolicy = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("Format of this file"),
  channels: z.strictObject({
    canary: Canary.prefault({}),
    stable: Stable.prefault({}),
  }).prefault({}).describe("Percents allowed"),
  history: History.prefault({}).describe("What the registry's history must show"),
  promotion: Promotion.prefault({}).describe("What must precede a promotion"),
  stages: StagePlan.prefault({}).describe("The steps of a rollout"),
  gates: Gates.prefault({}).describe("Evidence an apply needs"),
  verification: Verification.prefault({}).describe("The counted-split test"),
});

/** Rules of a staged rollout. */
export type ReleaseRolloutPolicy = z.output<typeof ReleaseRolloutPolicy>;
/** A report an apply needs. */
export type RequiredReport = z.output<typeof RequiredReport>;

/** Two keys of the policy that cannot both be meant. */
export interface PolicyConflict {
  /** JSON pointers of the two keys. */
  keys: [string, string];
  detail: string;
}

/** Finds settings that contradict each other; a rollout could not finish under them. */
export function rolloutPolicyConflicts(policy: ReleaseRolloutPolicy): PolicyConflict[] {
  const { canary } = policy.channels;
  const last = policy.stages.canary.at(-1) ?? 0;
  const first = policy.stages.canary[0] ?? 0;
  const conflicts: PolicyConflict[] = [];
  const add = (a: string, b: string, detail: string): void => {
    conflicts.push({ keys: [a, b], detail });
  };
  const [min, max] = [canary.min_rollout_percent, canary.max_rollout_percent];
  const minKey = "/channels/canary/min_rollout_percent";
  const maxKey = "/channels/canary/max_rollout_percent";
  if (min > max) add(minKey, maxKey, `${min} is above ${max}`);
  if (last > max) add("/stages/canary", maxKey, `last stage ${last} is above ${max}`);
  if (first < min) add("/stages/canary", minKey, `first stage ${first} is below ${min}`);
  const stableLast = policy.stages.stable.at(-1) ?? 0;
  const required = policy.channels.stable.required_rollout_percent;
  if (stableLast !== required) {
    const detail = `last stage ${stableLast} is not ${required}`;
    add("/stages/stable", "/channels/stable/required_rollout_percent", detail);
  }
  return conflicts;
}
