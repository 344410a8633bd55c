import { readAnswer, REFUSED_EXIT } from "./adapter_answer.ts";
import type { Intent } from "./intent.ts";
import { isWayBack } from "./rollout_plan.ts";
import type { Observation, TrafficOrder, TrafficPort, TrafficResult } from "./rollout_ports.ts";
import { COMPENSATE, templateValues } from "./template_context.ts";
import { renderTemplate, TemplateValueError } from "./template_values.ts";
import { type CommandResult, endCommand, runTrafficCommand } from "./traffic_command.ts";
import { SUPPORTED_PLACEHOLDERS } from "../policy/traffic_placeholders.ts";
import type { TrafficTemplate } from "./traffic_template.ts";
import type { TrafficSplit } from "./traffic_split.ts";
import type { TemplateValues } from "./template_values.ts";

/** Between two looks at a controller that has not settled, milliseconds. */
const LOOK_EVERY_MS = 100;

/** Commands that move and observe traffic. */
export interface CommandAdapter {
  id: string;
  configSha256: string;
  apply: TrafficTemplate;
  /** Prints an `AdapterAnswer`. Without it results of `apply` are believed. */
  observe?: TrafficTemplate | undefined;
  /** Moves traffic back. Without it a failed stage can be left in need of a person. */
  compensate?: TrafficTemplate | undefined;
  cwd: string;
  /** Environment of the commands, before the ids of the intent are added. */
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** How long the controller may take to show what it was told, milliseconds. */
  settleMs: number;
  signal: AbortSignal;
  secrets: readonly string[];
  /** Counts responses once the weights are right; absent: nothing is counted. */
  count?:
    | ((want: TrafficSplit) => Promise<{ agrees: boolean; detail: string }>)
    | undefined;
  /** Told about each command that moved traffic, for the report. */
  onResult(result: TrafficCommandRow): void;
}

/** One command in the report: the arguments as run, never the environment. */
export interface TrafficCommandRow {
  verb: "apply" | "observe" | "compensate";
  command_argv: string[];
  executed: boolean;
  ok: boolean;
  reason: string;
  return_code: number;
  stdout: string;
  stderr: string;
}

function reasonOf({ end, code }: CommandResult): string {
  if (end !== "exited") return end;
  return code === 0 ? "ok" : `non_zero_exit:${code}`;
}

/** A port that moves traffic with commands. */
export class CommandTraffic implements TrafficPort {
  readonly id: string;
  readonly configSha256: string;
  readonly observes: boolean;
  readonly compensates: boolean;

  constructor(readonly adapter: CommandAdapter) {
    this.id = adapter.id;
    this.configSha256 = adapter.configSha256;
    this.observes = adapter.observe !== undefined;
    this.compensates = adapter.compensate !== undefined;
  }

  async apply(order: TrafficOrder): Promise<TrafficResult> {
    return await this.#order("apply", this.adapter.apply, order.intent.plan.action, order);
  }

  async compensate(order: TrafficOrder): Promise<TrafficResult> {
    const { compensate } = this.adapter;
    if (compensate === undefined) return { outcome: "unknown", reason: "no compensate command" };
    return await this.#order("compensate", compensate, COMPENSATE, order);
  }

  async #order(
    verb: "apply" | "compensate",
    template: TrafficTemplate,
    action: string,
    order: TrafficOrder,
  ): Promise<TrafficResult> {
    const { intent, want, from, fence } = order;
    let argv: [string, ...string[]];
    try {
      argv = renderTemplate(template, templateValues(intent, { action, want, from, fence }));
    } catch (error) {
      if (!(error instanceof TemplateValueError)) throw error;
      return { outcome: "refused", reason: `template_render_error:${error.placeholder}` };
    }
    const ids = {
      WA_ROLLOUT_INTENT_ID: intent.intent_id,
      WA_ROLLOUT_GENERATION: String(intent.generation_before),
      WA_ROLLOUT_FENCE: String(fence),
      WA_RELEASE_CORRELATION_ID: intent.correlation_id,
      WA_RELEASE_CANDIDATE_ID: intent.release_candidate_id,
    };
    const stoppable = verb === "apply" && !isWayBack(intent.plan);
    const result = await this.#run(verb, argv, ids, order.onStart, stoppable);
    return { outcome: this.#outcome(result), reason: reasonOf(result) };
  }

  /**
   * An adapter that can be observed is not believed to have changed nothing unless it says so; one
   * that cannot, and cannot be undone either, is.
   */
  #outcome({ end, code }: CommandResult): TrafficResult["outcome"] {
    if (end !== "exited") return "unknown";
    if (code === 0) return "done";
    if (code === REFUSED_EXIT) return "refused";
    return this.observes || this.compensates || code > 128 ? "unknown" : "refused";
  }

  /** @param stoppable Whether the end of this run ends the command: not so on the way back. */
  async #run(
    verb: TrafficCommandRow["verb"],
    argv: [string, ...string[]],
    ids: Record<string, string>,
    onStart: TrafficOrder["onStart"],
    stoppable: boolean,
  ): Promise<CommandResult> {
    const { cwd, env, timeoutMs, signal, secrets, onResult } = this.adapter;
    const result = await runTrafficCommand({
      argv,
      env: { ...env, ...ids },
      cwd,
      timeoutMs,
      signal: stoppable ? signal : new AbortController().signal,
      secrets,
      onStart,
    });
    const { code, stdout, stderr, end } = result;
    const ok = end === "exited" && code === 0;
    const reason = reasonOf(result);
    const return_code = end === "exited" ? code : -1;
    onResult({ verb, command_argv: argv, executed: true, ok, reason, return_code, stdout, stderr });
    return result;
  }

  async #look(template: TrafficTemplate, want: TrafficSplit): Promise<Observation> {
    const argv = renderTemplate(template, observeValues(want));
    const result = await this.#run("observe", argv, {}, () => Promise.resolve(), false);
    if (result.end !== "exited" || result.code !== 0) {
      return { state: "blind", reason: `observe command: ${reasonOf(result)}` };
    }
    const answer = readAnswer(result.stdout);
    if (typeof answer === "string") return { state: "blind", reason: answer };
    const { canary_weight: canaryWeight, fence } = answer;
    return { state: "observed", canaryWeight, fence, counted: null };
  }

  /** Looks until the wanted weight is seen or the controller has had its time, then counts. */
  async observe(want: TrafficSplit): Promise<Observation> {
    const { observe: template, settleMs, count } = this.adapter;
    if (template === undefined) return { state: "blind", reason: "no observe command" };
    const start = performance.now();
    let seen = await this.#look(template, want);
    const settled = (): boolean =>
      seen.state === "observed" && seen.canaryWeight === want.canary_weight;
    while (!settled() && performance.now() - start < settleMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      seen = await this.#look(template, want);
    }
    if (seen.state === "blind" || !settled() || count === undefined) return seen;
    return { ...seen, counted: await count(want) };
  }

  async end(process: NonNullable<Intent["process"]>): Promise<void> {
    await endCommand(process);
  }
}

/** An observe command is told what is wanted, and nothing of an intent. */
function observeValues(want: TrafficSplit): TemplateValues {
  const blank = Object.fromEntries(SUPPORTED_PLACEHOLDERS.map((name) => [name, "0"]));
  return {
    ...blank as TemplateValues,
    action: "observe",
    target_version: want.canary_version,
    from_version: want.stable_version,
    to_version: want.canary_version,
    canary_version: want.canary_version,
    stable_version: want.stable_version,
    before_canary_version: want.canary_version,
    before_stable_version: want.stable_version,
    canary_rollout_percent: String(want.canary_rollout_percent),
    stable_rollout_percent: String(want.stable_rollout_percent),
    canary_traffic_weight: String(want.canary_weight),
    stable_traffic_weight: String(want.stable_weight),
  };
}
