import { z } from "zod";
import type { RolloutPlan } from "./rollout_plan.ts";
import { TrafficSplit } from "./traffic_split.ts";

/** Where an intent stands. The diagram in docs/RELEASE_TRAFFIC_ADAPTERS.md shows the same. */
export const INTENT_STATES = [
  "PREPARED",
  "TRAFFIC_STARTED",
  "TRAFFIC_DONE",
  "TRAFFIC_UNKNOWN",
  "VERIFIED",
  "VERIFY_FAILED",
  "COMMIT_CONFLICT",
  "COMMITTED",
  "COMPENSATING",
  "COMPENSATED",
  "ABORTED",
  "NEEDS_OPERATOR",
] as const;
/** State of an intent. */
export type IntentState = typeof INTENT_STATES[number];

/**
 * Which states may follow which. Everything between `TRAFFIC_STARTED` and `COMMITTED` may be cut
 * off by a crash, so recovery may go from there straight to rolling forward (`VERIFIED`), to
 * compensation, or to `NEEDS_OPERATOR`, which is tried again at every start. A way back that is not
 * seen to have worked goes to `TRAFFIC_STARTED` once more instead of to compensation.
 */
export const INTENT_TRANSITIONS: Readonly<Record<IntentState, readonly IntentState[]>> = {
  PREPARED: ["TRAFFIC_STARTED", "ABORTED"],
  TRAFFIC_STARTED: [
    "TRAFFIC_STARTED",
    "TRAFFIC_DONE",
    "TRAFFIC_UNKNOWN",
    "VERIFIED",
    "COMPENSATING",
    "NEEDS_OPERATOR",
  ],
  TRAFFIC_DONE: ["TRAFFIC_STARTED", "VERIFIED", "VERIFY_FAILED", "COMPENSATING", "NEEDS_OPERATOR"],
  TRAFFIC_UNKNOWN: ["TRAFFIC_STARTED", "VERIFIED", "COMPENSATING", "NEEDS_OPERATOR"],
  VERIFIED: ["TRAFFIC_STARTED", "COMMITTED", "COMMIT_CONFLICT", "COMPENSATING", "NEEDS_OPERATOR"],
  VERIFY_FAILED: ["TRAFFIC_STARTED", "VERIFIED", "COMPENSATING", "NEEDS_OPERATOR"],
  COMMIT_CONFLICT: ["COMPENSATING"],
  COMMITTED: [],
  COMPENSATING: ["COMPENSATING", "COMPENSATED", "NEEDS_OPERATOR"],
  COMPENSATED: [],
  ABORTED: [],
  NEEDS_OPERATOR: ["TRAFFIC_STARTED", "COMPENSATING", "VERIFIED"],
};

/** States nothing follows; what remains is the record in the audit log. */
export const FINAL_STATES: readonly IntentState[] = INTENT_STATES.filter((state) =>
  INTENT_TRANSITIONS[state].length === 0
);

const Transition = z.object({
  state: z.enum(INTENT_STATES),
  at_ms: z.int().describe("Epoch milliseconds"),
  detail: z.string(),
});

/** The child that carries out a traffic command, so that a later start can end what it left. */
export const CommandProcess = z.object({
  pid: z.int().positive().describe("Also the id of its process group"),
  started: z.string().describe("Start time as ps tells it; tells a reused pid apart"),
});
/** A child and how to recognise it. */
export type CommandProcess = z.output<typeof CommandProcess>;

/** A journalled attempt at one stage: `.data/rollout/intents/<intent_id>.json`. */
export const Intent = z.object({
  schema_version: z.literal(1),
  intent_id: z.string().regex(/^[0-9]{13}-[0-9a-f]{16}$/),
  state: z.enum(INTENT_STATES),
  audit_entry_hash: z.string().describe("Audit entry that announced it; the history row names it"),
  recorded: z.boolean().describe("Whether the audit log holds the outcome"),
  created_at_ms: z.int(),
  generation_before: z.int().min(0).describe("Revision of the registry it was planned on"),
  registry_sha256_before: z.string(),
  plan: z.looseObject({ action: z.string(), reason: z.string(), target_version: z.string() }),
  before: TrafficSplit,
  after: TrafficSplit,
  adapter: z.object({ id: z.string(), config_sha256: z.string() }),
  fence: z.int().min(0).describe("Newest fencing token handed to the adapter"),
  actor: z.string(),
  reason: z.string(),
  correlation_id: z.string(),
  release_candidate_id: z.string(),
  commit: z.string(),
  gate_evidence: z.array(z.object({ id: z.string(), path: z.string(), sha256: z.string() })),
  process: CommandProcess.nullable().describe("The traffic command that may still be running"),
  outcome_reason: z.string().describe("Why it was not committed; empty otherwise"),
  transitions: z.array(Transition),
});
/** A journalled attempt. Values of this type are never changed in place. */
export type Intent = Omit<z.output<typeof Intent>, "plan"> & { plan: RolloutPlan };

/** The journal asks for a step its state machine does not have: a bug, or an edited file. */
export class IntentTransitionError extends Error {
  override name = "IntentTransitionError";
  constructor(readonly intentId: string, readonly from: IntentState, readonly to: IntentState) {
    super(`Cannot move intent "${intentId}" from ${from} to ${to}: no such transition`);
  }
}

/**
 * The intent one state further.
 *
 * @throws {IntentTransitionError} If the state machine has no such step.
 */
export function advanceIntent(
  intent: Intent,
  to: IntentState,
  { nowMs, detail, ...fields }:
    & { nowMs: number; detail: string }
    & Partial<Pick<Intent, "fence" | "process" | "outcome_reason" | "audit_entry_hash">>,
): Intent {
  if (!INTENT_TRANSITIONS[intent.state].includes(to)) {
    throw new IntentTransitionError(intent.intent_id, intent.state, to);
  }
  const transitions = [...intent.transitions, { state: to, at_ms: nowMs, detail }];
  return { ...intent, ...fields, state: to, transitions };
}

/** Whether something is left to do: not in a final state, or its outcome is not on record. */
export function isPending(intent: Intent): boolean {
  return !FINAL_STATES.includes(intent.state) || !intent.recorded;
}

/** A new id: sorts by time of creation, and is not guessable. */
export function newIntentId(nowMs: number): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  return `${String(Math.trunc(nowMs)).padStart(13, "0")}-${random.toHex()}`;
}
