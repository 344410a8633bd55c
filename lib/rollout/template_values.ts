import { isSemver } from "../project/semver.ts";
import type { Placeholder } from "../policy/traffic_placeholders.ts";
import type { TrafficTemplate } from "./traffic_template.ts";

/** The text of every placeholder. */
export type TemplateValues = Record<Placeholder, string>;

/** A value that must not reach a command line; it is not repeated in the message. */
export class TemplateValueError extends Error {
  override name = "TemplateValueError";
  constructor(readonly placeholder: Placeholder, detail: string) {
    super(`Cannot render {${placeholder}}: ${detail}`);
  }
}

/** Ids of people's making; what they may hold is what every adapter can take. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;

/** Whether a correlation or candidate id can be handed to a command. */
export function isSafeId(id: string): boolean {
  return ID.test(id);
}

function faultOf(placeholder: Placeholder, value: string): string | undefined {
  if (placeholder.endsWith("_version")) {
    const blank = value === "" && placeholder === "from_version";
    return blank || isSemver(value) ? undefined : "not a SemVer 2.0.0 version";
  }
  if (placeholder.endsWith("_percent") || placeholder.endsWith("_weight")) {
    return /^(?:100|[1-9]?[0-9])$/.test(value) ? undefined : "not an integer 0..100";
  }
  if (["generation", "fence", "stage_index", "stage_count"].includes(placeholder)) {
    return /^[0-9]{1,15}$/.test(value) ? undefined : "not a whole number";
  }
  if (placeholder === "action") return /^[a-z_]+$/.test(value) ? undefined : "not an action";
  return isSafeId(value)
    ? undefined
    : "must begin with a letter or digit and hold only letters, digits and . _ : / - (at most 128)";
}

/**
 * The argument list of a command. Values are put into words that are already split, and each must
 * have the form of its kind, so no value can add an argument or turn into an option.
 *
 * @throws {TemplateValueError} If a value the template uses does not have its form.
 */
export function renderTemplate(
  template: TrafficTemplate,
  values: TemplateValues,
): [program: string, ...args: string[]] {
  for (const placeholder of template.placeholders) {
    const fault = faultOf(placeholder, values[placeholder]);
    if (fault !== undefined) throw new TemplateValueError(placeholder, fault);
  }
  const words = template.arguments.map((parts) =>
    parts.map((part) => "text" in part ? part.text : values[part.placeholder]).join("")
  );
  const [program = "", ...args] = words;
  return [program, ...args];
}
