import { DENO_FLAGS, denoFlag } from "./deno_cli.ts";
import type { Judgement } from "./judgement.ts";
import { isPlaceholder } from "./placeholder.ts";
import type { Facts } from "./reference.ts";
import { sourceFlags } from "./source_flags.ts";
import { suggest } from "./suggest.ts";

/** Flags that every tool has, or that the tools around a release have. */
const COMMON = new Set([
  "--help",
  "--version",
  "--verbose",
  "--quiet",
  "--force",
  "--dry-run",
  "--no-verify",
  "--amend",
  "--all",
  "--tags",
  "--hard",
  "--soft",
  "--porcelain",
  "--global",
  "--save-dev",
  "--prefix",
  "--workspace",
  "--release",
]);

/** All long flags that scripts with a declaration accept. */
function declaredFlags(facts: Facts): Set<string> {
  const flags = new Set<string>();
  for (const declaration of facts.declarations.values()) {
    if (typeof declaration === "string") continue;
    for (const command of declaration.values()) {
      for (const name of command.flags.keys()) flags.add(`--${name}`);
    }
  }
  return flags;
}

/**
 * Judges a code span that starts with `--`: the flag must belong to the script named last before
 * it, else to any declared script, else to the tools around.
 *
 * @param script Path of the script the document named last.
 */
export function judgeFlagMention(
  text: string,
  script: string | undefined,
  facts: Facts,
): Judgement | undefined {
  const flag = /^--?[A-Za-z][\w-]*/.exec(text)?.[0] ?? "";
  if (!flag.startsWith("--") || isPlaceholder(flag) || /^--[\w-]*[*.]/.test(text)) return undefined;
  const declared = facts.repository.derived("declared flags", () => declaredFlags(facts));
  const source = script === undefined ? undefined : facts.repository.text(script);
  const own = script === undefined || source === undefined
    ? undefined
    : facts.repository.derived(`flags ${script}`, () => sourceFlags(script, source));
  if (declared.has(flag) || own?.flags.has(flag)) return { kind: "flag", status: "found" };
  if (COMMON.has(flag) || denoFlag(flag) !== "unknown") {
    return { kind: "flag", status: "unverified" };
  }
  const near = suggest(flag, [...declared, ...own?.flags ?? [], ...DENO_FLAGS], { maxRatio: 0.25 });
  if (declared.size === 0 && near === undefined) return { kind: "flag", status: "unverified" };
  return {
    kind: "flag",
    status: "failed",
    rule: "unknown_flag_mention",
    message: `no script of the repository takes "${flag}"`,
    ...(near === undefined ? {} : { suggestion: near }),
  };
}
