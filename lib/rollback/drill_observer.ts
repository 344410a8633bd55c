import { HarmTest } from "../canary/harm_test.ts";
import type { Pair } from "../canary/counts.ts";
import { VERSION_HEADER } from "./drill_backend.ts";

/** Parts of a drill, in order. */
export const DRILL_PHASES = ["before", "forward", "fault", "after"] as const;
export type DrillPhase = typeof DRILL_PHASES[number];

/** Responses seen in one phase. */
export interface PhaseCount {
  phase: DrillPhase;
  responses: number;
  failures: number;
  /** Responses by version; "" for those that name none. */
  versions: Record<string, number>;
}

/** Pause of a lane between two requests, milliseconds: a steady client, not a load test. */
const PAUSE_MS = 5;

/** Responses of both groups that the harm test takes at once. */
const WINDOW_RESPONSES = 20;

/**
 * A steady client: sends requests one after the other on a few lanes, counts what comes back, and
 * watches whether the canary fails more often than stable, by the test of the canary analysis.
 */
export class DrillObserver {
  readonly #counts = new Map<DrillPhase, PhaseCount>();
  readonly #lanes: Promise<void>[];
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  readonly #test = new HarmTest();
  readonly #stop = new AbortController();
  #window: Pair = { canary: { total: 0, bad: 0 }, baseline: { total: 0, bad: 0 } };
  #phase: DrillPhase = "before";
  #goodInARow = 0;
  /** `performance.now()` of the last failed response; undefined before the first. */
  lastFailureAt: number | undefined;

  constructor(readonly url: string, readonly canaryVersion: string, lanes = 4) {
    this.#lanes = Array.from({ length: lanes }, () => this.#lane());
  }

  /** p-value of "the canary fails no more often than stable", valid at any moment. */
  get pHarm(): number {
    return this.#test.p;
  }

  /** Good responses since the last failed one. */
  get goodInARow(): number {
    return this.#goodInARow;
  }

  /** Counts of the phases so far, in order. */
  get counts(): PhaseCount[] {
    return DRILL_PHASES.flatMap((phase) => this.#counts.get(phase) ?? []);
  }

  set phase(phase: DrillPhase) {
    this.#phase = phase;
  }

  async #lane(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const phase = this.#phase;
      const { version, ok } = await this.#ask();
      if (!this.#stop.signal.aborted) this.#take(phase, version, ok);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #ask(): Promise<{ version: string; ok: boolean }> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(5000)]);
    try {
      const response = await fetch(this.url, { client: this.#client, signal });
      await response.body?.cancel();
      return { version: response.headers.get(VERSION_HEADER) ?? "", ok: response.ok };
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
      return { version: "", ok: false };
    }
  }

  #take(phase: DrillPhase, version: string, ok: boolean): void {
    const count = this.#counts.get(phase) ?? { phase, responses: 0, failures: 0, versions: {} };
    this.#counts.set(phase, count);
    count.responses++;
    count.versions[version] = (count.versions[version] ?? 0) + 1;
    if (ok) this.#goodInARow++;
    else {
      count.failures++;
      this.#goodInARow = 0;
      this.lastFailureAt = performance.now();
    }
    const group = this.#window[version === this.canaryVersion ? "canary" : "baseline"];
    group.total++;
    if (!ok) group.bad++;
    if (this.#window.canary.total + this.#window.baseline.total < WINDOW_RESPONSES) return;
    this.#test.add(this.#window);
    this.#window = { canary: { total: 0, bad: 0 }, baseline: { total: 0, bad: 0 } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#lanes);
    this.#client.close();
  }
}
