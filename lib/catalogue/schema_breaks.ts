import type { JsonSchema } from "./json_schema.ts";

/** Value of the constant `schema_version`; 0 where a schema states none. */
export function schemaVersion({ properties }: JsonSchema): number {
  return Number(properties?.["schema_version"]?.const ?? 0);
}

/** Types a schema allows; undefined where it does not say. */
function types({ type, anyOf }: JsonSchema): Set<string> | undefined {
  if (anyOf !== undefined) {
    const parts = anyOf.map(types);
    return parts.some((part) => part === undefined)
      ? undefined
      : new Set(parts.flatMap((part) => [...part!]));
  }
  if (type === undefined) return undefined;
  const named = Array.isArray(type) ? type : [type];
  return new Set(named.flatMap((name) => name === "number" ? ["number", "integer"] : [name]));
}

function narrowed(before: JsonSchema, now: JsonSchema, at: string): string[] {
  const was = types(before);
  const is = types(now);
  const breaks: string[] = [];
  if (is !== undefined && (was === undefined || [...was].some((name) => !is.has(name)))) {
    breaks.push(`${at} was ${was === undefined ? "anything" : [...was].join(" or ")}`);
  }
  const gone = before.enum?.filter((value) => now.enum !== undefined && !now.enum.includes(value));
  if (gone !== undefined && gone.length > 0) {
    breaks.push(`${at} no longer allows ${JSON.stringify(gone[0])}`);
  }
  return breaks;
}

/**
 * What a reader of the earlier form relied on and no longer gets: a required field that is gone or
 * no longer required, a type or a list of values that became narrower.
 *
 * @param at JSON pointer of what is compared; empty for the whole document.
 */
export function schemaBreaks(before: JsonSchema, now: JsonSchema, at = ""): string[] {
  const breaks = narrowed(before, now, at || "the document");
  const asked = new Set([...now.required ?? [], ...now.then?.required ?? []]);
  for (const name of [...before.required ?? [], ...before.then?.required ?? []]) {
    if (!asked.has(name)) breaks.push(`${at}/${name} is no longer required`);
  }
  for (const [name, earlier] of Object.entries(before.properties ?? {})) {
    const later = now.properties?.[name];
    if (later !== undefined) breaks.push(...schemaBreaks(earlier, later, `${at}/${name}`));
  }
  if (before.items !== undefined && now.items !== undefined) {
    breaks.push(...schemaBreaks(before.items, now.items, `${at}/*`));
  }
  return breaks;
}
