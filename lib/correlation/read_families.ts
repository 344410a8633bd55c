import type { Inputs } from "../command/inputs.ts";
import { describeFault } from "../policy/load.ts";
import { STEPS } from "../preflight/registry.ts";
import { type Evidence, EvidenceEnvelope, evidenceTime } from "../report/evidence.ts";
import { FAMILIES, type Family, FAMILY_KIND, type FamilyName } from "./family.ts";
import { idsOf } from "./origin.ts";

/** Which artifacts to examine. */
export interface FamilyQuery {
  /** Files named on the command line, instead of the newest. */
  files: Partial<Record<FamilyName, string | undefined>>;
  /** Families that this release does not have, on the operator's word. */
  without: readonly string[];
  nowS: number;
  runId: string;
}

type Found = { path: string; report: EvidenceEnvelope } | Exclude<Family, { state: "examined" }>;

/** Whether anything in this toolkit writes artifacts of a family. */
function hasProducer(name: FamilyName): boolean {
  return name === "rollout" || STEPS.some(({ kind }) => kind === FAMILY_KIND[name]);
}

async function readNamed(inputs: Inputs, name: FamilyName, file: string): Promise<Found> {
  const loaded = await inputs.json(file, EvidenceEnvelope);
  const path = loaded.path;
  if (loaded.state === "missing") return { name, state: "missing", reason: `there is no ${path}` };
  if (loaded.state !== "ok") {
    const reasons = loaded.faults.map((fault) => describeFault(path, fault));
    return { name, state: "malformed", path, reasons };
  }
  const { kind } = loaded.value;
  if (kind !== undefined && kind !== FAMILY_KIND[name]) {
    const reasons = [`${path} is of kind "${kind}", not "${FAMILY_KIND[name]}"`];
    return { name, state: "malformed", path, reasons };
  }
  return { path, report: loaded.value };
}

async function readNewest(
  inputs: Inputs,
  name: FamilyName,
  { nowS, runId }: FamilyQuery,
): Promise<Found> {
  const found: Evidence<unknown> = await inputs.evidence({ kind: FAMILY_KIND[name], nowS, runId });
  if (found.state === "malformed" || found.state === "future") {
    return { name, state: "malformed", path: found.path ?? "", reasons: found.reasons };
  }
  if (found.value === undefined || found.path === undefined) {
    const [reason = ""] = found.reasons;
    return hasProducer(name) ? { name, state: "missing", reason } : {
      name,
      state: "not_applicable",
      reason: `nothing here writes ${FAMILY_KIND[name]}_*.json`,
    };
  }
  return { path: found.path, report: found.value };
}

/** Reads the artifact of each family that there is: the one that was named, else the newest. */
export async function readFamilies(inputs: Inputs, query: FamilyQuery): Promise<Family[]> {
  const found: [FamilyName, Found][] = [];
  for (const name of FAMILIES) {
    const file = query.files[name];
    if (query.without.includes(name)) {
      found.push([name, { name, state: "not_applicable", reason: `--without ${name}` }]);
    } else if (file === undefined) found.push([name, await readNewest(inputs, name, query)]);
    else found.push([name, await readNamed(inputs, name, file)]);
  }
  const paths = found.flatMap(([, one]) => "report" in one ? [one.path] : []);
  return found.map(([name, one]) => {
    if (!("report" in one)) return one;
    const { path, report } = one;
    const others = paths.filter((other) => other !== path);
    return {
      name,
      state: "examined",
      artifact: {
        path,
        report,
        ids: idsOf(report, { makesIds: name === "rollout", others }),
        runId: report.correlation?.run_id ?? "",
        madeAtS: evidenceTime(report) ?? 0,
      },
    };
  });
}
