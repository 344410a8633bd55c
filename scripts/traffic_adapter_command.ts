#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_RELEASE_*,WA_TRAFFIC_*,GITHUB_ACTIONS --allow-run=git
/**
 * Gives a program that can set and print a weight what a rollout needs: a fencing token, readback,
 * and a way back. The program must be granted: --allow-run=git,PROGRAM.
 * @module
 */
import type { Context, Outcome } from "../lib/command/command.ts";
import { IoError, UsageError } from "../lib/command/errors.ts";
import { number, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import type { AdapterAnswer } from "../lib/rollout/adapter_answer.ts";
import { readFence, withFence } from "../lib/rollout/adapter_fence.ts";
import {
  defineAdapter,
  ORDER_FLAGS,
  orderOf,
  orderOutcome,
  programFailed,
  stateFile,
} from "../lib/rollout/adapter_script.ts";
import { programFault } from "../lib/rollout/program_rule.ts";
import { parseTrafficTemplate, TemplateError } from "../lib/rollout/traffic_template.ts";

const controller = {
  "get-command": text({
    env: "WA_TRAFFIC_GET_COMMAND",
    placeholder: "COMMAND",
    help: "Prints the canary's percent as a whole number on the last line",
  }),
  "timeout-s": number({ default: 20, min: 0.1, help: "Longest run of the program, seconds" }),
  "state-file": stateFile("command"),
};

const flags = {
  ...ORDER_FLAGS,
  ...controller,
  "set-command": text({
    env: "WA_TRAFFIC_SET_COMMAND",
    placeholder: "TEMPLATE",
    help: "Sets the canary's percent; {canary_traffic_weight} and {stable_traffic_weight} stand " +
      "for the two shares",
  }),
};

type Look = Pick<Context<typeof controller, undefined>, "flags" | "inputs">;

/** The program and its arguments; values are put into words that are already split. */
function words(flag: string, source: string | undefined, values: Record<string, string>): string[] {
  if (source === undefined) throw new UsageError(`--${flag} is needed`);
  let template;
  try {
    template = parseTrafficTemplate(source);
  } catch (error) {
    if (error instanceof TemplateError) throw new UsageError(`--${flag}: ${error.message}`);
    throw error;
  }
  const fault = programFault(template, { allow_shell: false });
  if (fault !== undefined) throw new UsageError(`--${flag}: ${fault}`);
  const unknown = template.placeholders.find((name) => !Object.hasOwn(values, name));
  if (unknown !== undefined) throw new UsageError(`--${flag} knows no {${unknown}}`);
  return template.arguments.map((parts) =>
    parts.map((part) => "text" in part ? part.text : values[part.placeholder] ?? "").join("")
  );
}

async function runProgram(
  [program = "", ...args]: string[],
  timeoutS: number,
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  try {
    const output = await new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(timeoutS * 1000),
    }).output();
    const decoder = new TextDecoder();
    return {
      success: output.success,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot find program "${program}"`, undefined, { cause: error });
  }
}

async function observe({ flags, inputs }: Look): Promise<AdapterAnswer> {
  const argv = words("get-command", flags["get-command"], {});
  const { success, stdout, stderr } = await runProgram(argv, flags["timeout-s"]);
  const line = stdout.trimEnd().split("\n").at(-1)?.trim() ?? "";
  const hint = "the program must print a whole number 0..100 on its last line";
  if (!success) throw new IoError(`"${argv[0]}" failed: ${stderr.trim().slice(-400)}`, hint);
  if (!/^(?:100|[1-9]?[0-9])$/.test(line)) {
    throw new IoError(`"${argv[0]}" printed "${line.slice(0, 80)}", wanted 0..100`, hint);
  }
  const state = await readFence(inputs.absolute(flags["state-file"]));
  return { canary_weight: Number(line), fence: state?.fence ?? 0 };
}

async function order(run: Context<typeof flags, undefined>): Promise<Outcome> {
  const wanted = orderOf(run.flags);
  const argv = words("set-command", run.flags["set-command"], {
    canary_traffic_weight: String(wanted.canaryWeight),
    stable_traffic_weight: String(100 - wanted.canaryWeight),
    fence: String(wanted.fence),
  });
  return await withFence(run.inputs.absolute(run.flags["state-file"]), wanted, async () => {
    const { success, stderr } = await runProgram(argv, run.flags["timeout-s"]);
    if (!success) {
      return {
        checks: [programFailed("program_succeeded", argv[0] ?? "", stderr)],
        headline: `${argv[0]} did not set the weight`,
      };
    }
    const set = {
      id: "program_succeeded",
      ok: true,
      mode: "enforce" as const,
      value: argv[0],
      expect: "it ends with 0",
    };
    return orderOutcome([set], await observe(run), wanted);
  });
}

export const command = defineAdapter({
  name: "traffic_adapter_command",
  summary: "Move and read traffic with a program that sets and prints a weight",
  apply: "Send a share of requests to the canary",
  observe: "Print the share of the canary, as JSON",
  flags,
  controller,
  order,
  look: (run) => observe(run),
});

if (import.meta.main) await main(command);
