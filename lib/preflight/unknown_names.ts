import type { Check } from "../report/check.ts";
import { closest } from "../text/closest.ts";
import declared from "./declared_names.json" with { type: "json" };

/** Every `WA_*` name that some script of this toolkit declares; generated from the declarations. */
export const DECLARED_NAMES: readonly string[] = declared;

/** A `WA_*` variable that no script reads is most likely a typing error, and a gate left open. */
export async function judgeEnvironmentNames(
  names: readonly string[],
  known = DECLARED_NAMES,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const name of names.filter((name) => name.startsWith("WA_")).sort()) {
    if (known.includes(name) || (name.endsWith("_FILE") && known.includes(name.slice(0, -5)))) {
      continue;
    }
    const near = await closest(name, known);
    checks.push({
      id: `env_known::${name}`,
      ok: false,
      mode: "warn",
      value: "no script reads it",
      expect: "a documented variable",
      hint: near === undefined
        ? `unset ${name}, or see docs/ENVIRONMENT.md`
        : `did you mean ${near}?`,
    });
  }
  return checks;
}
