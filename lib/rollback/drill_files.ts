import { basename } from "@std/path/posix/basename";
import { dirname } from "@std/path/posix/dirname";
import { join } from "@std/path/join";
import { globMatches, isGlob } from "../docs/glob.ts";
import { describeFault, loadJson } from "../policy/load.ts";
import { EvidenceEnvelope, evidenceTime } from "../report/evidence.ts";

/** A drill report as it was found, whatever it is worth. */
export interface DrillFile {
  /** Relative to root. */
  path: string;
  sha256: string;
  /** Bytes. */
  size: number;
  /** When the file was written, whole epoch seconds; recorded, never judged. */
  mtimeS: number;
  /** When it says it was made, epoch seconds; for a malformed file what its name says. */
  timeS: number;
  /** Undefined where it cannot be read as a report. */
  value: EvidenceEnvelope | undefined;
  faults: string[];
}

/** Which files are meant. */
export interface DrillKind {
  /** Beginning of the default name, and the `kind` inside where there is one. */
  kind: string;
  /** Whether such a file has a verdict, and says its kind. */
  judges: boolean;
}

/** The kinds of evidence of drills. */
export const DRILL_KINDS = {
  incidentDrill: { kind: "incident_notify_drill", judges: true },
  incidentReport: { kind: "incident_report_drill", judges: false },
  rollbackBundle: { kind: "rollback_bundle_report", judges: true },
  trafficDrill: { kind: "rollback_drill", judges: true },
  signature: { kind: "rollback_drill_signature", judges: true },
} as const satisfies Record<string, DrillKind>;

/** Files that are read for one pattern at most; more are a mistake in the pattern. */
const MOST_FILES = 2000;

function timeInName(name: string): number {
  const [, y, mo, d, h, mi, s] = /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(name) ?? [];
  if (y !== undefined) return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) / 1000;
  return Number(/_(\d{9,11})(?=[._])/.exec(name)?.[1] ?? Infinity);
}

/** The command that drills who is called in an incident. */
export const INCIDENT_DRILL = "deno task incident_notify_drill --with-email";

/** `incident_notify_drill_*` also matches `incident_notify_drill_notify_*`; that is another kind. */
function isOtherKind(name: string, kind: string): boolean {
  return name.startsWith(`${kind}_`) && !/^\d/.test(name.slice(kind.length + 1));
}

async function namesFor(root: string, pattern: string, kind: string): Promise<string[]> {
  const folder = dirname(pattern);
  const last = basename(pattern);
  const found: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(join(root, folder))) {
      if (isFile && globMatches(last, name) && !isOtherKind(name, kind)) found.push(name);
    }
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (!absent) throw error;
  }
  return found.sort().slice(-MOST_FILES).map((name) => folder === "." ? name : `${folder}/${name}`);
}

/** A file that judges nothing, such as a drill's incident report; taken as passed. */
const Anything = EvidenceEnvelope.omit({ kind: true, ok: true });

async function readDrill(
  root: string,
  path: string,
  { kind, judges }: DrillKind,
): Promise<DrillFile | undefined> {
  const schema = judges
    ? EvidenceEnvelope
    : Anything.transform((value) => ({ ...value, ok: true }));
  const loaded = await loadJson<EvidenceEnvelope>(join(root, path), schema, { shown: path });
  if (loaded.state === "missing") return undefined; // removed while we looked
  const facts = await Deno.stat(join(root, path));
  const file = {
    path,
    sha256: loaded.sha256 ?? "",
    size: facts.size,
    mtimeS: Math.floor((facts.mtime?.getTime() ?? 0) / 1000),
  };
  if (loaded.state !== "ok") {
    const faults = loaded.faults.map((fault) => describeFault(path, fault));
    return { ...file, timeS: timeInName(path), value: undefined, faults };
  }
  const { value } = loaded;
  if (judges && value.kind !== undefined && value.kind !== kind) return undefined;
  const timeS = evidenceTime(value);
  if (timeS !== undefined || !judges) {
    return { ...file, timeS: timeS ?? timeInName(path), value, faults: [] };
  }
  const faults = [`${path} has no ended_at, generated_at or started_at`];
  return { ...file, timeS: timeInName(path), value: undefined, faults };
}

/**
 * Reports of a kind, newest first by the time inside them. Copies of one report count once.
 *
 * @param pattern Relative to root; only its last part may hold wildcards.
 * @throws {RangeError} If an earlier part does.
 */
export async function drillFiles(
  root: string,
  pattern: string,
  kind: DrillKind,
): Promise<DrillFile[]> {
  const relative = pattern.replaceAll("\\", "/").replace(/^\.\//, "");
  if (isGlob(dirname(relative)) || relative.startsWith("/") || relative.split("/").includes("..")) {
    throw new RangeError(
      `Cannot look for "${pattern}": expected a folder inside the root, then a file name pattern`,
    );
  }
  const found = new Map<string, DrillFile>();
  for (const path of await namesFor(root, relative, kind.kind)) {
    const file = await readDrill(root, path, kind);
    if (file !== undefined) found.set(file.sha256 || path, file);
  }
  return [...found.values()].sort((a, b) => b.timeS - a.timeS || (a.path < b.path ? 1 : -1));
}
