import {
  type Command,
  type Context,
  defineCommands,
  type Outcome,
  subcommand,
} from "../command/command.ts";
import { UsageError } from "../command/errors.ts";
import { type Flag, type Flags, integer, path, text } from "../command/flag.ts";
import type { Check } from "../report/check.ts";
import type { AdapterAnswer } from "./adapter_answer.ts";

/** Flags of `apply` and `compensate`, the same for every adapter. */
export const ORDER_FLAGS = {
  action: text({ default: "set_canary", help: "What the rollout does; for the record" }),
  "target-version": text({ default: "0.0.0", help: "Version concerned; for the record" }),
  "correlation-id": text({ default: "none", help: "Id of the change; for the record" }),
  "release-candidate-id": text({ default: "none", help: "Candidate; for the record" }),
  "canary-weight": integer({ min: 0, max: 100, help: "Percent to send to the canary pool" }),
  fence: integer({
    min: 0,
    help: "Token of this order; refused (exit 75) if a newer one was taken",
  }),
};

/** The file an adapter keeps its newest token in. */
export const stateFile = (name: string): Flag<string> =>
  path({
    default: `.data/rollout/adapters/${name}.json`,
    env: `WA_TRAFFIC_${name.toUpperCase()}_STATE_FILE`,
    help: "File that holds the newest token taken",
  });

/** An order as it came in. */
export interface Order {
  canaryWeight: number;
  fence: number;
}

/** @throws {UsageError} If weight or token is missing. */
export function orderOf(
  flags: { "canary-weight": number | undefined; fence: number | undefined },
): Order {
  const { "canary-weight": canaryWeight, fence } = flags;
  if (canaryWeight === undefined) throw new UsageError("--canary-weight is needed");
  if (fence === undefined) throw new UsageError("--fence is needed");
  return { canaryWeight, fence };
}

/** What an order led to: each row that must hold, and what is in force now. */
export function orderOutcome(checks: Check[], seen: AdapterAnswer, order: Order): Outcome {
  const arrived: Check = {
    id: "weight_in_force",
    ok: seen.canary_weight === order.canaryWeight,
    mode: "enforce",
    value: seen.canary_weight,
    expect: String(order.canaryWeight),
    hint: "look at the controller",
  };
  return {
    checks: [...checks, arrived],
    headline: `canary weight is ${seen.canary_weight}, token ${seen.fence ?? "none"}`,
    fields: { answer: seen, order },
    stdout: `${JSON.stringify(seen)}\n`,
  };
}

/** What is in force, for the executor on standard output. No report is kept of a look. */
function observeOutcome(seen: AdapterAnswer): Outcome {
  return {
    checks: [{
      id: "controller_observed",
      ok: true,
      mode: "enforce",
      value: seen.canary_weight,
      expect: "a canary weight",
    }],
    headline: `canary weight is ${seen.canary_weight}, token ${seen.fence ?? "none"}`,
    fields: { answer: seen },
    stdout: `${JSON.stringify(seen)}\n`,
    unrecorded: true,
  };
}

/** Something the controller's program said no to. */
export function programFailed(id: string, program: string, stderr: string): Check {
  return {
    id,
    ok: false,
    mode: "enforce",
    value: stderr.trim().slice(-600),
    expect: `${program} ends with 0`,
    hint: `run ${program} by hand`,
  };
}

/** What makes one adapter different from the others. */
interface AdapterDeclaration<F extends Flags, C extends Flags> {
  name: string;
  summary: string;
  /** Summaries of the subcommands that differ. */
  apply: string;
  observe: string;
  /** Flags of an order, and those that are enough to look. */
  flags: F;
  controller: C;
  order: (run: Context<F, undefined>) => Promise<Outcome>;
  look: (run: Context<C, undefined>) => Promise<AdapterAnswer>;
}

/** Declares an adapter: apply, compensate and observe, as the traffic contract has them. */
export function defineAdapter<F extends Flags, C extends Flags>(
  { name, summary, apply, observe, flags, controller, order, look }: AdapterDeclaration<F, C>,
): Command {
  const mover = (summary: string): ReturnType<typeof subcommand> =>
    subcommand<F>({ summary, kind: "actor", artifact: name, flags, run: order });
  return defineCommands({
    name,
    summary,
    commands: {
      apply: mover(apply),
      compensate: mover("Move traffic back to where the registry says"),
      observe: subcommand<C>({
        summary: observe,
        kind: "gate",
        flags: controller,
        run: async (run) => observeOutcome(await look(run)),
      }),
    },
  });
}
