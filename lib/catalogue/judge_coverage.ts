import type { CatalogueEntry } from "../policy/artifact_schema_catalog_policy.ts";
import { STEPS } from "../preflight/registry.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import type { FoundArtifacts } from "./find_artifacts.ts";
import { knownArtifacts } from "./known_artifacts.ts";

/** Whether the catalogue knows every artifact: of the release, of preflight, and in the folder. */
export function judgeCoverage(
  entries: readonly CatalogueEntry[],
  found: FoundArtifacts,
  gate: Mode,
): Check[] {
  const known = new Set(entries.map(({ id }) => id));
  const kinds = new Set(knownArtifacts().map(({ id }) => id));
  const missing = [...kinds].filter((kind) => !known.has(kind)).sort();
  const { uncatalogued, ambiguous, examined } = found;
  const none = examined + uncatalogued.length === 0;
  return [
    {
      id: "catalog_covers_release_artifacts",
      ok: missing.length === 0,
      mode: gate,
      value: { examined: kinds.size, missing },
      expect: "an entry for every artifact of a release",
      hint: `add an entry "${missing[0] ?? ""}" to the policy`,
    },
    none
      ? notApplicable("catalog_covers_files", "an entry for every file", "there is no file yet")
      : {
        id: "catalog_covers_files",
        ok: uncatalogued.length === 0,
        mode: gate,
        value: { examined: examined + uncatalogued.length, uncatalogued },
        expect: "an entry for every file in .data/out",
        hint: `add an entry for ${uncatalogued[0] ?? "it"}, or find out what wrote it`,
      },
    {
      id: "artifact_names_unambiguous",
      ok: ambiguous.length === 0,
      mode: gate,
      value: { examined, ambiguous },
      expect: "every file belongs to one entry",
      hint: "give the entries kinds or globs that tell them apart",
    },
  ];
}

/**
 * Whether planned artifacts are really not there: nothing in preflight writes them, their script
 * does not exist, and there is no file of them. Otherwise the catalogue hides a missing schema.
 *
 * @param scripts Base names of the scripts in the governed repository.
 */
export function judgePlanned(
  entries: readonly CatalogueEntry[],
  found: FoundArtifacts,
  scripts: ReadonlySet<string>,
  gate: Mode,
): Check {
  const id = "planned_artifacts_have_no_producer";
  const expect = "planned artifacts that nothing writes yet";
  const planned = entries.filter(({ status }) => status === "planned");
  if (planned.length === 0) return notApplicable(id, expect, "no artifact is planned");
  const stepKinds = new Set(STEPS.map(({ kind }) => kind));
  const there = planned.flatMap((entry) => {
    const reasons = [
      ...(stepKinds.has(entry.id) ? ["a step of preflight writes it"] : []),
      ...(scripts.has(entry.producer ?? "") ? [`scripts/${entry.producer}.ts exists`] : []),
      ...(found.files.get(entry.id)!.length > 0 ? ["there are files of it"] : []),
    ];
    return reasons.length === 0 ? [] : [`${entry.id}: ${reasons.join(", ")}`];
  });
  return {
    id,
    ok: there.length === 0,
    mode: gate,
    value: { planned: planned.length, produced_after_all: there },
    expect,
    hint: "give it a schema: deno task generate_references",
  };
}
