import { boolean, type Flag } from "../command/flag.ts";
import type { Step } from "./registry.ts";

/** The documented `--skip-*` flags of the steps that exist. */
export function skipFlags(steps: readonly Step[]): Record<string, Flag<boolean>> {
  return Object.fromEntries(
    steps.map((step) => [step.skipFlag, boolean({ help: `Leave out ${step.id}` })]),
  );
}

/** Steps that the `--skip-*` flags and `--skip ID` leave out. */
export function skippedSteps(
  steps: readonly Step[],
  flags: Record<string, unknown>,
  named: readonly string[],
): Set<string> {
  const byFlag = steps.filter((step) => flags[step.skipFlag] === true).map((step) => step.id);
  return new Set([...byFlag, ...named]);
}
