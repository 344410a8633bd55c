import type { ReleaseTrafficAdapterContract } from "../policy/release_traffic_adapter_contract.ts";
import { isSecretName } from "../scan/redact.ts";
import { programFault } from "./program_rule.ts";
import type { PlanAction } from "./rollout_plan.ts";
import { COMPENSATE } from "./template_context.ts";
import { renderTemplate, TemplateValueError, type TemplateValues } from "./template_values.ts";
import { SUPPORTED_PLACEHOLDERS } from "../policy/traffic_placeholders.ts";
import {
  type CommandTemplate,
  parseTrafficTemplate,
  TemplateError,
  type TrafficTemplate,
} from "./traffic_template.ts";

/** A template that passed, or every reason why it did not. */
export interface JudgedTemplate {
  template: TrafficTemplate | undefined;
  placeholders: readonly string[];
  /** Used, but not allowed by the contract. */
  unknown: string[];
  /** Required by the contract, but not used. */
  missing: string[];
  /** Recommended by the contract, but not used. */
  unrecommended: string[];
  /** Grammar, program, secret or value faults, in words. */
  faults: string[];
}

/** Actions whose values every template must be able to take. */
const ACTIONS: readonly (PlanAction | typeof COMPENSATE)[] = [
  "set_canary",
  "rollout_canary",
  "promote_stable",
  "rollout_stable",
  "abort_canary",
  "rollback_stable",
  "reconcile",
  COMPENSATE,
];

function sampleValues(action: string): TemplateValues {
  const numbers = Object.fromEntries(SUPPORTED_PLACEHOLDERS.map((name) => [name, "5"]));
  const versions = Object.fromEntries(
    SUPPORTED_PLACEHOLDERS.filter((name) => name.endsWith("_version")).map((name) => [
      name,
      "1.2.3-rc.1+b5",
    ]),
  );
  const ids = { correlation_id: "chg-1", release_candidate_id: "rc-1", intent_id: "0-a" };
  return { ...numbers as TemplateValues, ...versions, ...ids, action };
}

function renderFaults(template: TrafficTemplate): string[] {
  return ACTIONS.flatMap((action) => {
    try {
      renderTemplate(template, sampleValues(action));
      return [];
    } catch (error) {
      if (error instanceof TemplateValueError) return [`${action}: ${error.message}`];
      throw error;
    }
  });
}

/** Names of options and variables that carry a secret on the command line. */
export function secretsIn(template: CommandTemplate<string>): string[] {
  const words = template.arguments.map((parts) =>
    parts.map((part) => "text" in part ? part.text : "").join("")
  );
  const named = words.flatMap((word, at) => {
    const [name = "", value] = word.split("=", 2);
    const bare = name.replace(/^-+/, "");
    const next = words[at + 1] ?? "-";
    const carries = value !== undefined || (name.startsWith("-") && !next.startsWith("-"));
    return isSecretName(bare) && carries ? [bare] : [];
  });
  const inUrls = words.filter((word) => /:\/\/[^/@]*:[^/@]+@/.test(word)).map(() => "URL");
  return [...named, ...inUrls];
}

/**
 * Judges one command template against the contract. The executor and the contract check both call
 * this, so what one accepts the other runs.
 *
 * @param alsoRequired Names one adapter demands beyond the contract's own.
 */
export function judgeTemplate(
  source: string,
  { placeholders, rules }: Pick<ReleaseTrafficAdapterContract, "placeholders" | "rules">,
  alsoRequired: readonly string[] = [],
): JudgedTemplate {
  let template: TrafficTemplate;
  try {
    template = parseTrafficTemplate(source);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const none = { placeholders: [], unknown: [], missing: [], unrecommended: [] };
    const unknown = /unknown placeholder "(.*)"/.exec(error.fault.message)?.[1];
    return {
      ...none,
      template: undefined,
      unknown: unknown === undefined ? [] : [unknown],
      faults: [`column ${error.fault.column}: ${error.fault.message}`],
    };
  }
  const used: readonly string[] = template.placeholders;
  const absent = (names: readonly string[]): string[] =>
    [...new Set(names)].filter((name) => !used.includes(name));
  const program = programFault(template, rules);
  const secrets = secretsIn(template);
  const faults = [
    ...(program === undefined ? [] : [program]),
    ...secrets.map((name) => `"${name}" would put a secret on the command line`),
    ...renderFaults(template),
  ];
  const unknown = used.filter((name) => !placeholders.allowed.includes(name));
  return {
    template: faults.length === 0 && unknown.length === 0 ? template : undefined,
    placeholders: used,
    unknown,
    missing: absent([...placeholders.required, ...alsoRequired]),
    unrecommended: absent(placeholders.recommended),
    faults,
  };
}
