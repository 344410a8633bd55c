import { applyPlan } from "./apply_plan.ts";
import { type ReadChannels, revisionOf } from "./channels.ts";
import type { Intent } from "./intent.ts";
import type { RolloutPlan } from "./rollout_plan.ts";
import type { RolloutPorts } from "./rollout_ports.ts";
import { splitOf, type TrafficSplit } from "./traffic_split.ts";

/** Who wants the change and what it belongs to. */
export interface IntentOrigin {
  actor: string;
  reason: string;
  correlation_id: string;
  release_candidate_id: string;
  /** Commit of the governed repository; empty when unknown. */
  commit: string;
  gate_evidence: Intent["gate_evidence"];
}

/**
 * The intent of a plan, in state `PREPARED`. Its fencing token is above all that the journal and
 * the adapter have seen; both count, because the journal may be of a fresh checkout.
 *
 * @param from The weights served now, if they are not those of the registry.
 */
export async function prepareIntent(
  ports: RolloutPorts,
  { store, sha256 }: ReadChannels,
  plan: RolloutPlan,
  origin: IntentOrigin,
  { from, observedFence = 0 }: { from?: TrafficSplit; observedFence?: number } = {},
): Promise<Intent> {
  const nowMs = Math.trunc(ports.nowMs());
  const next = applyPlan(store, plan, { ...origin, nowS: nowMs / 1000 });
  const fence = Math.max(await ports.journal.highestFence(), observedFence) + 1;
  return {
    schema_version: 1,
    intent_id: ports.newIntentId(nowMs),
    state: "PREPARED",
    audit_entry_hash: "",
    recorded: false,
    created_at_ms: nowMs,
    generation_before: revisionOf(store),
    registry_sha256_before: sha256,
    plan,
    before: from ?? splitOf(store),
    after: splitOf(next),
    adapter: { id: ports.traffic.id, config_sha256: ports.traffic.configSha256 },
    fence,
    ...origin,
    process: null,
    outcome_reason: "",
    transitions: [{ state: "PREPARED", at_ms: nowMs, detail: plan.reason }],
  };
}

/** The plan that changes nothing but traffic: to where the registry says it is. */
export function reconcilePlan({ store }: ReadChannels): RolloutPlan {
  return {
    action: "reconcile",
    reason: "traffic_differs_from_registry",
    target_version: store.channels.stable?.version ?? "",
    stage_index: 0,
    stage_count: 0,
  };
}
