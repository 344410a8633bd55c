import { isPlaceholder } from "./placeholder.ts";
import { refusedValue } from "./script_declaration.ts";
import { suggest } from "./suggest.ts";
import type { Facts, Reference } from "./reference.ts";

type Judgement = Omit<Reference, "raw" | "line" | "column">;

/** `WA_` names; a trailing `*` or `_` makes the name a prefix. */
export const ENVIRONMENT_NAME = /(?<![A-Za-z0-9_])WA_[A-Z0-9_]*[*<{]?/g;

/** Names that stand for any variable. */
const STAND_IN = /^WA_(?:X|XX|XXX|XYZ|FOO|BAR|NAME|SOME|EXAMPLE|YOUR)(?:_|$)/;

/** File names reports are written under: `<kind>_*.json`, `<kind>_<time>.md`. */
const ARTIFACT_NAME =
  /^([a-z][a-z0-9_]*?)_(?:\*|<[\w -]+>|\{[\w -]+\}|\d{8}T\d{6}Z(?:_\d+)?|YYYY\w*)\.(json|md|html|ndjson|sarif|xml|svg)$/;
const FIXED_NAME = /^[a-z][a-z0-9_.-]*\.(?:json|md|html|ndjson|sarif|xml)$/;

/**
 * Judges an artifact's file name against what the repository's scripts say they write;
 * `undefined` when the name is not that of an artifact.
 */
export function judgeArtifact(name: string, facts: Facts): Judgement | undefined {
  const kind = ARTIFACT_NAME.exec(name)?.[1];
  const fixed = kind === undefined && FIXED_NAME.test(name)
    ? name.replace(/\.[a-z]+$/, "")
    : undefined;
  const wanted = kind ?? fixed;
  if (wanted === undefined) return undefined;
  if (facts.artifacts === undefined) {
    return kind === undefined ? undefined : { kind: "artifact", status: "unverified" };
  }
  const { artifacts, quotedNames } = facts;
  if (artifacts.has(wanted) || artifacts.has(name) || quotedNames?.has(wanted)) {
    return { kind: "artifact", status: "found", resolved: wanted };
  }
  const near = suggest(wanted, facts.artifacts);
  if (fixed !== undefined && (near === undefined || facts.repository.named(name).length > 0)) {
    return undefined;
  }
  return {
    kind: "artifact",
    status: "failed",
    rule: "unknown_artifact",
    message: `no script writes "${name}"`,
    ...(near === undefined ? {} : { suggestion: near }),
  };
}

/** Judges a `WA_*` name against the declared variables. `WA_X_*` must be the start of one. */
export function judgeEnvironment(written: string, facts: Facts): Judgement | undefined {
  const name = written.replace(/[*<{]$/, "");
  if (name === "WA_" || STAND_IN.test(name)) return undefined;
  if (facts.environment === undefined) return { kind: "environment", status: "unverified" };
  const open = name !== written || name.endsWith("_");
  const known = open
    ? [...facts.environment].some((declared) => declared.startsWith(name))
    : facts.environment.has(name);
  if (known) return { kind: "environment", status: "found", resolved: name };
  const near = suggest(name, facts.environment);
  return {
    kind: "environment",
    status: "failed",
    rule: "unknown_env",
    message: open
      ? `no declared variable starts with "${name}"`
      : `"${name}" is not a declared variable`,
    ...(near === undefined ? {} : { suggestion: near }),
  };
}

/** Long names in capitals that are not `WA_*` but may have been meant to be. */
export const CAPITAL_NAME =
  /(?<![A-Za-z0-9_/.-])(?!WA_)[A-Z0-9]?[WA][A-Z0-9_]{8,}[A-Z0-9](?![A-Za-z0-9_]|\.[a-z])/g;

/**
 * Judges a name in capitals; `undefined` unless it is a declared variable with a damaged `WA_`, one
 * edit in seven characters away.
 */
export function judgeCapitals(
  name: string,
  { environment, repository }: Facts,
): Judgement | undefined {
  if (environment === undefined || environment.has(name) || !name.includes("_")) return undefined;
  const meant = repository.derived(
    `capitals ${name}`,
    () => suggest(name, environment, { maxRatio: 0.15 }),
  );
  const whole = meant === `WA_${name}`; // a name of its own that a variable was named after
  if (meant === undefined || !meant.startsWith("WA_") || whole) return undefined;
  return {
    kind: "environment",
    status: "failed",
    rule: "unknown_env",
    message: `"${name}" is not a declared variable`,
    suggestion: meant,
  };
}

/** Judges `step id: x` against the registered preflight steps. */
export function judgeStep(id: string, facts: Facts): Judgement {
  if (facts.steps === undefined) return { kind: "step", status: "unverified" };
  if (facts.steps.has(id)) return { kind: "step", status: "found", resolved: id };
  const near = suggest(id, facts.steps);
  return {
    kind: "step",
    status: "failed",
    rule: "unknown_step",
    message: `"${id}" is not a preflight step`,
    ...(near === undefined ? {} : { suggestion: near }),
  };
}

/** Judges the value a document gives a declared variable; `undefined` when nothing is wrong with it. */
export function judgeEnvironmentValue(
  name: string,
  value: string,
  facts: Facts,
): Judgement | undefined {
  if (
    value === "" || isPlaceholder(value) || /[|<>$*]/.test(value) || /^[A-Z][A-Z0-9_]*$/.test(value)
  ) return undefined;
  for (const declaration of facts.declarations.values()) {
    if (typeof declaration === "string") continue;
    for (const command of declaration.values()) {
      const flag = [...command.flags.values()].find(({ env }) => env === name);
      const refusal = flag === undefined ? undefined : refusedValue(flag, value);
      if (flag === undefined) continue;
      if (refusal === undefined) return undefined;
      return {
        kind: "environment",
        status: "failed",
        rule: "env_value_invalid",
        message: `${name} does not accept "${value}", ${refusal}`,
      };
    }
  }
  return undefined;
}
