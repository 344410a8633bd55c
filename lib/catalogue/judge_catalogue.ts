import type { CatalogueEntry } from "../policy/artifact_schema_catalog_policy.ts";
import type { Check } from "../report/check.ts";
import type { CatalogueSection } from "./read_catalogue.ts";

const HINT = "write the page anew: deno task artifact_schema_catalog_guard --print-catalog";

function entryRows(
  { id, artifact_glob, required_fields }: CatalogueEntry,
  sections: readonly CatalogueSection[],
  file: string,
): Check[] {
  const own = sections.filter((section) => section.id === id);
  const [section] = own;
  const location = { file, ...(section === undefined ? {} : { line: section.line }) };
  const row = { mode: "enforce" as const, hint: HINT, location };
  const missing = required_fields.filter((field) => !section?.fields.includes(field));
  const surplus = section?.fields.filter((field) => !required_fields.includes(field)) ?? [];
  return [{
    ...row,
    id: `catalog_has_entry_${id}`,
    ok: own.length === 1,
    value: own.length,
    expect: `one section headed "${id}"`,
  }, {
    ...row,
    id: `catalog_has_pattern_${id}`,
    ok: section?.globs.length === 1 && section.globs[0] === artifact_glob,
    value: section?.globs ?? [],
    expect: artifact_glob,
  }, {
    ...row,
    id: `catalog_has_required_fields_${id}`,
    ok: missing.length === 0 && surplus.length === 0,
    value: { missing_fields: missing, surplus_fields: surplus },
    expect: "the fields of the policy, no fewer and no more",
  }];
}

/** Compares the catalogue for people with the policy, both ways. */
export function judgeCatalogue(
  entries: readonly CatalogueEntry[],
  sections: readonly CatalogueSection[],
  file: string,
): Check[] {
  const known = new Set(entries.map(({ id }) => id));
  const unknown = sections.filter(({ id }) => !known.has(id));
  return [
    ...entries.flatMap((entry) => entryRows(entry, sections, file)),
    {
      id: "catalog_entries_in_policy",
      ok: unknown.length === 0 && sections.length > 0,
      mode: "enforce",
      value: { examined: sections.length, unknown: unknown.map(({ id }) => id) },
      expect: "every section has an entry in the policy",
      hint: unknown.length === 0
        ? HINT
        : `add "${unknown[0]!.id}" to the policy, or remove its section`,
      location: { file, ...(unknown[0] === undefined ? {} : { line: unknown[0].line }) },
    },
  ];
}
