import type { Outcome } from "../command/command.ts";
import type { Check } from "../report/check.ts";
import { isSecretName, REDACTED } from "../scan/redact.ts";
import { makePlan } from "./plan.ts";
import type { PreflightRun } from "./preflight.ts";
import type { Step } from "./registry.ts";
import { selectionOf } from "./select.ts";
import { DECLARED_NAMES, judgeEnvironmentNames } from "./unknown_names.ts";

function shown(stdout: string, checks: Check[], headline: string): Outcome {
  return { checks, headline, stdout, unrecorded: true };
}

const listed = (count: number): Check => ({
  id: "steps_listed",
  ok: count > 0,
  mode: "enforce",
  value: count,
  expect: "at least one step",
});

/** `--list`: the steps in order, and why each is there. */
export function listSteps(steps: readonly Step[]): Outcome {
  const width = Math.max(...steps.map((step) => step.id.length));
  const lines = steps.map((step) => `${step.id.padEnd(width)}  ${step.why}`);
  return shown(lines.join("\n") + "\n", [listed(steps.length)], `${steps.length} steps`);
}

/** `--plan` and `--print-env`: what would run, or what the environment says, as JSON. */
export async function planSteps(steps: readonly Step[], run: PreflightRun): Promise<Outcome> {
  if (run.flags["print-env"]) {
    const values = DECLARED_NAMES.map((name) => {
      const value = run.env(name);
      return [name, value !== undefined && isSecretName(name) ? REDACTED : value ?? null];
    });
    const names = Object.keys(Deno.env.toObject());
    const text = JSON.stringify(Object.fromEntries(values), null, 2) + "\n";
    return shown(
      text,
      [listed(values.length), ...await judgeEnvironmentNames(names)],
      "environment",
    );
  }
  const { selection, waivers } = await selectionOf(steps, run);
  const plan = await makePlan(steps, run.root, selection, waivers, run.nowS);
  const rows = plan.map(({ step, command, run, reason, waiver }) => ({
    id: step.id,
    run,
    reason: reason ?? null,
    waiver: waiver ?? null,
    needs: step.needs ?? [],
    timeout_s: step.timeoutS,
    permissions: command.filter((argument) => argument.startsWith("--allow-")),
    command,
  }));
  return shown(
    JSON.stringify(rows, null, 2) + "\n",
    [listed(rows.length)],
    `${rows.length} steps planned`,
  );
}
