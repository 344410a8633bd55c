import { type Check, type Mode, notApplicable } from "../report/check.ts";
import {
  FAMILIES,
  type Family,
  FAMILY_KIND,
  type FamilyArtifact,
  type IdName,
  IDS,
} from "./family.ts";

/** What an id may look like; a candidate may carry SemVer build metadata after a plus. */
const ID_FORM = /^[A-Za-z0-9][A-Za-z0-9._+-]{5,127}$/;

const PRODUCE: Readonly<Record<Family["name"], string>> = {
  rollout: "deno task release_rollout_executor --dry-run",
  alert: "run the alert escalation gate of this release",
  incident: "create the incident report of this release, or say --without incident",
};

/** Whether the artifact of a family is there; malformed is never missing. */
function loadedRow(family: Family, gate: Mode): Check {
  const { name } = family;
  const id = `${name}_report_loaded`;
  const expect = `a well-formed ${FAMILY_KIND[name]}_*.json`;
  if (family.state === "not_applicable") return notApplicable(id, expect, family.reason);
  if (family.state === "examined") {
    const { path } = family.artifact;
    return { id, ok: true, mode: gate, value: path, expect, location: { file: path } };
  }
  if (family.state === "missing") {
    const { reason } = family;
    return { id, ok: false, mode: gate, value: reason, expect, hint: PRODUCE[name] };
  }
  return {
    id,
    ok: false,
    mode: "enforce",
    value: family.reasons,
    expect,
    hint: `run what wrote ${family.path} again`,
    location: { file: family.path },
  };
}

function idRows(name: Family["name"], { path, ids }: FamilyArtifact, gate: Mode): Check[] {
  const location = { file: path };
  const rows: Check[] = IDS.map((id) => ({
    id: `${name}_${id}_present`,
    ok: ids[id].value !== "",
    mode: gate,
    value: ids[id],
    expect: "an id that is not blank",
    hint: environmentHint(id),
    location,
  }));
  const present = IDS.filter((id) => ids[id].value !== "");
  if (present.length === 0) return rows;
  const malformed = present.filter((id) => !ID_FORM.test(ids[id].value));
  const derived = present.filter((id) =>
    ids[id].origin === "generated" || ids[id].origin === "copied"
  );
  return [...rows, {
    id: `${name}_ids_well_formed`,
    ok: malformed.length === 0,
    mode: gate,
    value: Object.fromEntries(present.map((id) => [id, ids[id].value])),
    expect: "6 to 128 letters, digits, dots, dashes, plus and underscores",
    hint: environmentHint(malformed[0] ?? "correlation_id"),
    location,
  }, {
    id: `${name}_ids_given`,
    ok: derived.length === 0,
    mode: gate,
    value: Object.fromEntries(present.map((id) => [id, ids[id].origin])),
    expect: "ids that were given to the writer, not made up or copied by it",
    hint: environmentHint(derived[0] ?? "correlation_id"),
    location,
  }];
}

function environmentHint(id: IdName): string {
  return id === "correlation_id"
    ? "set WA_RELEASE_CORRELATION_ID for every script of the release"
    : "set WA_RELEASE_CANDIDATE_ID for every script of the release";
}

/** The rows about each family by itself, and that there was any to examine. */
export function judgeFamilies(families: readonly Family[], gate: Mode): Check[] {
  const examined = families.filter((family) => family.state === "examined");
  return [
    ...families.map((family) => loadedRow(family, gate)),
    {
      id: "families_examined",
      ok: examined.length > 0,
      mode: gate,
      value: { examined: examined.map(({ name }) => name), known: FAMILIES.length },
      expect: ">= 1 of rollout, alert and incident",
      hint: PRODUCE.rollout,
    },
    ...families.flatMap((family) => {
      if (family.state === "examined") return idRows(family.name, family.artifact, gate);
      if (family.name !== "rollout") return [];
      return IDS.map((id) =>
        notApplicable(`rollout_${id}_present`, "an id", "there is no rollout artifact to examine")
      );
    }),
  ];
}
