import type { Correlation } from "../report/report.ts";
import type { AuditTrace } from "./audit_trace.ts";
import { type Family, type IdName, isStated } from "./family.ts";
import type { RunEvidence } from "./run_evidence.ts";

/** Somebody who says what an id is, independently of the others. */
export interface Witness {
  /** Independent origin; several statements of one origin count once. */
  origin: string;
  /** Where it says so. */
  place: string;
  value: string;
}

/** Everything that may say what the ids are. */
export interface WitnessSources {
  families: readonly Family[];
  trace: AuditTrace;
  run: RunEvidence | undefined;
  environment: Correlation;
}

/**
 * Everybody who states an id: artifacts whose writer was given it, entries of the audit log, other
 * reports of the same run, and the environment of this run. Derived ids are nobody's statement.
 */
export function witnesses(id: IdName, sources: WitnessSources): Witness[] {
  const { families, trace, run, environment } = sources;
  const examined = families.flatMap((family) =>
    family.state === "examined" ? [{ name: family.name, ...family.artifact }] : []
  );
  const stated = new Set([
    environment[id],
    ...examined.filter(({ ids }) => isStated(ids[id].origin)).map(({ ids }) => ids[id].value),
  ]);
  const derived = new Set(
    examined.map(({ ids }) => ids[id].value).filter((value) => !stated.has(value)),
  );
  const own = new Set(examined.map(({ path }) => path));
  return [
    ...examined.filter(({ ids }) => isStated(ids[id].origin)).map(({ name, path, ids }) => ({
      origin: `${name} artifact`,
      place: path,
      value: ids[id].value,
    })),
    // The log repeats a derived id of an artifact; that is the same statement once more.
    ...trace.entries.filter((entry) => entry[id] !== "" && !derived.has(entry[id]))
      .map((entry) => ({
        origin: "audit log",
        place: `${trace.log} entry ${entry.seq} (${entry.source})`,
        value: entry[id],
      })),
    ...(run?.reports ?? []).filter((report) => report[id] !== "" && !own.has(report.path))
      .map((report) => ({ origin: "reports of the run", place: report.path, value: report[id] })),
    ...(environment[id] === ""
      ? []
      : [{ origin: "environment", place: "this run", value: environment[id] }]),
  ];
}
