import type { Channels, ReadChannels } from "./channels.ts";
import type { Intent } from "./intent.ts";
import type { TrafficSplit } from "./traffic_split.ts";

/** The channel registry as the executor sees it. */
export interface RegistryPort {
  read(): Promise<ReadChannels>;
  /**
   * Replaces the registry if it is still the one read.
   *
   * @throws {RevisionConflictError} If it is not.
   */
  commit(
    expect: { revision: number; sha256: string },
    change: (store: Channels) => Channels,
  ): Promise<Channels>;
}

/** The durable list of attempts. A call that has returned has reached the disk. */
export interface JournalPort {
  create(intent: Intent): Promise<void>;
  replace(intent: Intent): Promise<void>;
  /** Intents that are not settled, oldest first. */
  pending(): Promise<Intent[]>;
  /** Highest fencing token any intent holds; 0 without one. */
  highestFence(): Promise<number>;
}

/** The audit log. */
export interface AuditPort {
  /** Whether a record with one of these actions about this intent exists. */
  has(intentId: string, actions: readonly string[]): Promise<boolean>;
  /** Returns the hash of the entry; empty where none is kept. */
  append(record: AuditRecord): Promise<string>;
}

/** One audit record; ids of the intent go into its context. */
export interface AuditRecord {
  action: string;
  actor: string;
  status: "ok" | "failed";
  context: Record<string, unknown>;
  correlation: { correlation_id: string; release_candidate_id: string };
}

/** What an adapter is asked to bring about. Asking twice is as good as asking once. */
export interface TrafficOrder {
  intent: Intent;
  want: TrafficSplit;
  /** The split to be left. */
  from: TrafficSplit;
  /** An adapter refuses an order whose token is below one it has seen. */
  fence: number;
  /** Called before the command can do anything, with what identifies it. */
  onStart(process: Intent["process"]): Promise<void>;
}

/**
 * What came of an order.
 * - `done`: the adapter says the split is applied
 * - `refused`: the adapter says it changed nothing
 * - `unknown`: it failed or was cut off; the split may be the old one, the new one or neither
 */
export interface TrafficResult {
  outcome: "done" | "refused" | "unknown";
  /** A fixed word, such as `timeout` or `non_zero_exit:3`. */
  reason: string;
}

/** What is served, read back from the controller and, where configured, counted in responses. */
export type Observation =
  | {
    state: "observed";
    canaryWeight: number;
    /** Newest fencing token the controller has accepted; null if it keeps none. */
    fence: number | null;
    /** Whether counted responses agree with the split asked about; null if none were counted. */
    counted: { agrees: boolean; detail: string } | null;
  }
  | { state: "blind"; reason: string };

/** Moves traffic. */
export interface TrafficPort {
  readonly id: string;
  /** SHA-256 over the adapter's configuration, so that a report names what was run. */
  readonly configSha256: string;
  /** Whether `observe` can ever answer. Without, results of `apply` are believed. */
  readonly observes: boolean;
  /** Whether `compensate` can move traffic. */
  readonly compensates: boolean;
  apply(order: TrafficOrder): Promise<TrafficResult>;
  compensate(order: TrafficOrder): Promise<TrafficResult>;
  /** @param want The split that responses are compared with, if they are counted. */
  observe(want: TrafficSplit): Promise<Observation>;
  /** Ends the command of a dead executor, with everything it started. Returns when it is gone. */
  end(process: NonNullable<Intent["process"]>): Promise<void>;
}

/** Everything outside the protocol. Tests replace each of them. */
export interface RolloutPorts {
  registry: RegistryPort;
  journal: JournalPort;
  audit: AuditPort;
  traffic: TrafficPort;
  /** Epoch milliseconds. */
  nowMs(): number;
  /** A new id of an intent (`newIntentId`); replaced where runs must be repeatable. */
  newIntentId(nowMs: number): string;
}
