import { type Channels, RevisionConflictError } from "../../../../lib/rollout/channels.ts";
import type { Intent } from "../../../../lib/rollout/intent.ts";
import type {
  Observation,
  RolloutPorts,
  TrafficOrder,
  TrafficResult,
} from "../../../../lib/rollout/rollout_ports.ts";
import { INTENT_ACTION } from "../../../../lib/rollout/settle_intent.ts";
import type { AdapterFault, SessionSchedule } from "./schedule.ts";
import { applyEffect, humanActs, storeOf, tick, type World } from "./world.ts";

/** The process was killed; nothing of it runs on. */
export class Killed extends Error {
  override name = "Killed";
}

/** One process of the executor: its ports, each call of which is a point at which it may die. */
export class Session {
  #steps = 0;
  #orders = 0;
  #looks = 0;
  #dead = false;

  constructor(
    readonly world: World,
    readonly schedule: SessionSchedule,
    /** Of the protocol under test. */
    readonly isPending: (intent: Intent) => boolean,
  ) {}

  get dead(): boolean {
    return this.#dead;
  }

  #die(): never {
    this.#dead = true;
    throw new Killed();
  }

  /** One port call: time passes, people act, the process may die before or after the effect. */
  #step<T>(what: string, effect: () => T): T {
    if (this.#dead) throw new Killed();
    this.#steps++;
    tick(this.world);
    if (this.schedule.humanAt.includes(this.#steps)) humanActs(this.world);
    const { kill } = this.schedule;
    const hit = kill?.atStep === this.#steps ? kill.side : null;
    if (hit === "before") this.#die();
    const result = effect();
    this.world.trace.push(what);
    if (hit === "after" || hit === "during") this.#die();
    return result;
  }

  #expect(rule: string, holds: boolean): void {
    if (!holds) this.world.violations.push(rule);
  }

  #writeIntent(intent: Intent): void {
    const { world } = this;
    const before = world.journal.get(intent.intent_id);
    world.journal.set(intent.intent_id, structuredClone(intent));
    if (before?.state === intent.state) return;
    world.entered.push({ intentId: intent.intent_id, state: intent.state, step: world.step });
  }

  #commit(
    expect: { revision: number; sha256: string },
    change: (s: Channels) => Channels,
  ): Channels {
    const { world } = this;
    const store = storeOf(world);
    const revision = store.revision ?? 0;
    if (revision !== expect.revision || world.registryText !== expect.sha256) {
      throw new RevisionConflictError("registry", expect.revision, revision);
    }
    const next = change(store);
    const row = next.history.at(-1);
    if (next.history.length === store.history.length) return store;
    const intentId = String(row?.intent_id ?? "");
    world.commits.push({ intentId, revision, step: world.step });
    const state = world.journal.get(intentId)?.state;
    this.#expect("registry is replaced only in state VERIFIED", state === "VERIFIED");
    world.registryText = JSON.stringify({ ...next, revision: revision + 1 });
    return next;
  }

  /** The command is running: a kill from here on leaves it behind. */
  async #order(kind: "apply" | "compensate", order: TrafficOrder): Promise<TrafficResult> {
    const { world } = this;
    const pid = 1000 + world.step;
    const weight = order.want.canary_weight;
    const fault = this.schedule.orders[this.#orders++] ?? "none";
    await order.onStart({ pid, started: "0" });
    const late = { weight, fence: order.fence, dueStep: world.step + world.random.int(2, 12) };
    world.orphans.push({ ...late, pid });
    const result = this.#step(`${kind} ${weight} ${fault}`, () => {
      const hit = this.schedule.kill?.atStep === this.#steps ? this.schedule.kill.side : null;
      if (hit === "during") return { outcome: "unknown", reason: "killed" } as const;
      world.orphans = world.orphans.filter((orphan) => orphan.pid !== pid);
      const journalled = world.journal.get(order.intent.intent_id)?.state;
      const wanted = kind === "apply" ? "TRAFFIC_STARTED" : "COMPENSATING";
      this.#expect(`traffic is ordered only in state ${wanted}`, journalled === wanted);
      this.#expect(
        "traffic is ordered only after the audit log knows the intent",
        world.audit.some((record) =>
          record.action === INTENT_ACTION && record.context.intent_id === order.intent.intent_id
        ),
      );
      return this.#respond(fault, late);
    });
    return result;
  }

  #respond(
    fault: AdapterFault,
    late: { weight: number; fence: number; dueStep: number },
  ): TrafficResult {
    const { world } = this;
    const stale: TrafficResult = { outcome: "refused", reason: "stale_fence" };
    const done: TrafficResult = { outcome: "done", reason: "ok" };
    const unknown: TrafficResult = { outcome: "unknown", reason: fault };
    switch (fault) {
      case "none":
        return applyEffect(world, late) ? done : stale;
      case "refuse":
        return { outcome: "refused", reason: fault };
      case "fail_without_effect":
        return unknown;
      case "fail_after_applying":
        applyEffect(world, late);
        return unknown;
      case "succeed_without_effect":
        return done;
      case "configure_without_serving": {
        const { served } = world.traffic;
        if (applyEffect(world, late)) world.traffic.served = served;
        return done;
      }
      case "apply_late_and_fail":
        world.late.push(late);
        return unknown;
      case "apply_late_and_succeed":
        world.late.push(late);
        return done;
      case "apply_twice":
        world.late.push(late);
        return applyEffect(world, late) ? done : stale;
    }
  }

  #observe(): Observation {
    this.#looks++;
    if (this.schedule.blind.includes(this.#looks)) {
      return { state: "blind", reason: "controller is unreachable" };
    }
    const { weight, served, fence } = this.world.traffic;
    const detail = `counted ${served}`;
    return {
      state: "observed",
      canaryWeight: weight,
      fence,
      counted: { agrees: weight === served, detail },
    };
  }

  /** The ports this process works with. */
  get ports(): RolloutPorts {
    const { world } = this;
    const intents = (): Intent[] =>
      [...world.journal.values()].map((intent) => structuredClone(intent));
    const step = <T>(what: string, effect: () => T): Promise<T> =>
      Promise.resolve().then(() => this.#step(what, effect));
    return {
      registry: {
        read: () => step("read", () => ({ store: storeOf(world), sha256: world.registryText })),
        commit: (expect, change) => step("commit", () => this.#commit(expect, change)),
      },
      journal: {
        create: (intent) => step(`journal ${intent.state}`, () => this.#writeIntent(intent)),
        replace: (intent) => step(`journal ${intent.state}`, () => this.#writeIntent(intent)),
        pending: () => step("pending", () => intents().filter(this.isPending)),
        highestFence: () =>
          step("fence", () => Math.max(0, ...intents().map(({ fence }) => fence))),
      },
      audit: {
        has: (intentId, actions) =>
          step(
            "audit?",
            () =>
              world.audit.some(({ action, context }) =>
                context.intent_id === intentId && actions.includes(action)
              ),
          ),
        append: (record) =>
          step(`audit ${record.action}`, () => `hash-${world.audit.push(record)}`),
      },
      traffic: {
        id: "simulated",
        configSha256: "",
        observes: true,
        compensates: true,
        apply: (order) => this.#order("apply", order),
        compensate: (order) => this.#order("compensate", order),
        observe: () => step("observe", () => this.#observe()),
        end: (process) =>
          step("end", () => {
            world.orphans = world.orphans.filter(({ pid }) => pid !== process.pid);
          }),
      },
      nowMs: () => 2_000_000 + world.step,
      newIntentId: (nowMs) => `${String(nowMs).padStart(13, "0")}-${"0".repeat(16)}`,
    };
  }
}
