import { join } from "@std/path/join";
import { z } from "zod";
import { globMatches } from "../docs/glob.ts";
import type { CatalogueEntry } from "../policy/artifact_schema_catalog_policy.ts";
import { describeFault, loadJson } from "../policy/load.ts";
import { OUT_DIR } from "../report/artifact.ts";

/** One file that an entry is about. */
export interface ArtifactFile {
  /** Relative to root. */
  path: string;
  sha256?: string;
  /** When it was made, epoch seconds: by its content, else by its name, else 0. */
  timeS: number;
  /** The parsed content of a JSON artifact. */
  value?: unknown;
  /** Why it cannot be read as JSON; empty when it can, or when it is not JSON. */
  faults: string[];
}

/** Files by entry, and those that belong to none or to several. */
export interface FoundArtifacts {
  files: Map<string, ArtifactFile[]>;
  /** Files in `.data/out` that no entry is about. */
  uncatalogued: string[];
  /** Files that several entries match, and nothing inside says whose they are. */
  ambiguous: string[];
  examined: number;
}

/** The stamp in an artifact's name, `20261126T004310Z` or epoch seconds; 0 where there is none. */
export function timeInName(name: string): number {
  const stamp = /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(name);
  if (stamp !== null) {
    const [, year, month, day, hour, minute, second] = stamp;
    return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000;
  }
  return Number(/_(\d{9,11})(?=[._])/.exec(name)?.[1] ?? 0);
}

async function filesIn(root: string, folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(join(root, folder)));
    return entries.filter((entry) => entry.isFile && !entry.name.endsWith(".tmp"))
      .map((entry) => `${folder}/${entry.name}`).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** Characters of a pattern that are no wildcard: the more, the narrower it is. */
const literal = (glob: string): number => glob.replaceAll(/[*?[\]]/g, "").length;

async function readJson(root: string, path: string): Promise<ArtifactFile> {
  const loaded = await loadJson(join(root, path), z.unknown(), { shown: path });
  const digest = loaded.sha256 === undefined ? {} : { sha256: loaded.sha256 };
  if (loaded.state !== "ok") {
    const faults = loaded.faults.map((fault) => describeFault(path, fault));
    return { path, ...digest, timeS: timeInName(path), faults };
  }
  const timeS = timeInside(loaded.value) ?? timeInName(path);
  return { path, ...digest, timeS, value: loaded.value, faults: [] };
}

/** When a file says it was made, whatever else is wrong with it. */
function timeInside(value: unknown): number | undefined {
  const { ended_at, generated_at, ts, started_at } = (value ?? {}) as Record<string, unknown>;
  return [ended_at, generated_at, ts, started_at].find((time) => typeof time === "number") as
    | number
    | undefined;
}

/** The `kind` inside a file, where it has one. */
function kindOf({ value }: ArtifactFile): string | undefined {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind;
  return typeof kind === "string" ? kind : undefined;
}

/** Names of one time: `<prefix>_<digits>...`, so that one prefix does not match a longer one. */
function isOwnName(glob: string, path: string): boolean {
  const star = glob.indexOf("*");
  return star < 0 || /^\d/.test(path.slice(star));
}

/**
 * Whose file it is, of the entries whose glob matches: the kind inside decides; without one, the
 * entry whose prefix is followed by a time, then the narrowest glob.
 */
export function ownerOf(
  file: ArtifactFile,
  matching: readonly CatalogueEntry[],
): CatalogueEntry | "ambiguous" | undefined {
  const kind = kindOf(file);
  const byKind = matching.filter((entry) => (entry.kind ?? entry.id) === kind);
  if (byKind.length === 1) return byKind[0];
  // A kind that none of them has belongs to another artifact, unless they do not state kinds.
  if (kind !== undefined && byKind.length === 0 && matching.length > 1) return undefined;
  const named = matching.filter(({ artifact_glob }) => isOwnName(artifact_glob, file.path));
  const narrowed = (named.length > 0 ? named : matching)
    .toSorted((a, b) => literal(b.artifact_glob) - literal(a.artifact_glob));
  const [first, second] = narrowed;
  const tied = first !== undefined && second !== undefined &&
    literal(first.artifact_glob) === literal(second.artifact_glob);
  return tied ? "ambiguous" : first;
}

/** Finds the files of every entry. `.data/out` is looked at as a whole, whatever the globs say. */
export async function findArtifacts(
  root: string,
  entries: readonly CatalogueEntry[],
): Promise<FoundArtifacts> {
  const found: FoundArtifacts = {
    files: new Map(entries.map(({ id }) => [id, []])),
    uncatalogued: [],
    ambiguous: [],
    examined: 0,
  };
  const folders = new Set([OUT_DIR, ...entries.map((entry) => folderOf(entry.artifact_glob))]);
  for (const folder of [...folders].sort()) {
    for (const path of await filesIn(root, folder)) {
      const matching = entries.filter((entry) => globMatches(entry.artifact_glob, path));
      if (matching.length === 0) {
        if (folder === OUT_DIR) found.uncatalogued.push(path);
        continue;
      }
      found.examined += 1;
      const json = matching.some(({ format }) => format === "json");
      const file = json
        ? await readJson(root, path)
        : { path, timeS: timeInName(path), faults: [] };
      const owner = ownerOf(file, matching);
      if (owner === "ambiguous") found.ambiguous.push(path);
      else if (owner === undefined) found.uncatalogued.push(path);
      else found.files.get(owner.id)!.push(file);
    }
  }
  for (const files of found.files.values()) {
    files.sort((a, b) => b.timeS - a.timeS || (a.path < b.path ? 1 : -1));
  }
  return found;
}
