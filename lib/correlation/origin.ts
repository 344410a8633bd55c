import { z } from "zod";
import type { EvidenceEnvelope } from "../report/evidence.ts";
import { type ArtifactId, type IdName, IDS, type Origin } from "./family.ts";

const Settings = z.array(z.looseObject({ name: z.string(), source: z.string() })).catch([]);
const Inputs = z.array(z.looseObject({ path: z.string() })).catch([]);
const Origins = z.partialRecord(
  z.enum(IDS),
  z.enum(["explicit", "environment", "generated", "mirrored", "copied", "absent"]),
).catch({});

/** Ids that the executor makes up: `rollout-<epoch seconds>` and `rc-<version>-<epoch seconds>`. */
const GENERATED = /^(?:rollout|rc-.+)-\d{9,11}$/;

/** Where the writer's settings say the id came from; undefined where the writer has no such flag. */
function settingOrigin(report: EvidenceEnvelope, id: IdName): Origin | undefined {
  const name = id.replaceAll("_", "-");
  const source = Settings.parse(report["settings"]).find((row) => row.name === name)?.source;
  if (source === undefined) return undefined;
  return source === "flag" ? "explicit" : "environment";
}

/** Whether an artifact outside any run was made from one of these others, so may repeat their ids. */
function readsOthers(report: EvidenceEnvelope, others: readonly string[]): boolean {
  if ((report.correlation?.run_id ?? "") !== "") return false; // its environment was set by the run
  return Inputs.parse(report["inputs"]).some(({ path }) => others.includes(path));
}

/**
 * Tells for each id of a report where its writer had it from: by what the report states
 * (`correlation_origins`), by its settings, and by what it was made from.
 *
 * @param makesIds Whether the writer makes up ids that nobody gave, as the executor does.
 * @param others Paths of the other artifacts, relative to root.
 */
export function idsOf(
  report: EvidenceEnvelope,
  { makesIds, others }: { makesIds: boolean; others: readonly string[] },
): Record<IdName, ArtifactId> {
  const stated = Origins.parse(report["correlation_origins"]);
  const value = (id: IdName): string => report.correlation?.[id]?.trim() ?? "";
  const originOf = (id: IdName, other: IdName): Origin => {
    if (value(id) === "") return "absent";
    const known = stated[id] ?? settingOrigin(report, id);
    if (known !== undefined) return known;
    if (makesIds) {
      const fromOther = settingOrigin(report, other) !== undefined && value(id) === value(other);
      return fromOther ? "mirrored" : "generated";
    }
    if (readsOthers(report, others)) return "copied";
    return GENERATED.test(value(id)) ? "generated" : "environment";
  };
  return {
    correlation_id: {
      value: value("correlation_id"),
      origin: originOf("correlation_id", "release_candidate_id"),
    },
    release_candidate_id: {
      value: value("release_candidate_id"),
      origin: originOf("release_candidate_id", "correlation_id"),
    },
  };
}
