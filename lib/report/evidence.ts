import { join } from "@std/path/join";
import { z } from "zod";
import { describeFault, loadJson } from "../policy/load.ts";
import { OUT_DIR } from "./artifact.ts";

/**
 * What a piece of evidence is worth.
 * - `valid`: well formed, passed, recent, of this commit and candidate
 * - `stale`: older than allowed
 * - `failed`: its own verdict is negative
 * - `foreign`: of another commit, candidate or run
 * - `malformed`: not readable as what it claims to be
 * - `future`: dated later than now
 * - `missing`: there is none
 */
export type EvidenceState =
  | "valid"
  | "stale"
  | "failed"
  | "foreign"
  | "malformed"
  | "future"
  | "missing";

/** What is asked for. Every limit that is left out is not applied. */
export interface EvidenceQuery<T> {
  /** Artifact prefix, also the `kind` inside the file. */
  kind: string;
  /** What the evidence must look like; the envelope is always demanded. */
  schema?: z.ZodType<T>;
  /** Now, epoch seconds. */
  nowS: number;
  maxAgeS?: number;
  /** The commit it must be of; evidence that names none is foreign. Not compared when empty. */
  commit?: string;
  releaseCandidateId?: string;
  runId?: string;
  /** Whether a report with failed warnings counts as failed too. */
  demandClean?: boolean;
  /** Folder to look in, relative to root. */
  dir?: string;
}

/** The newest evidence of a kind and what it is worth. */
export interface Evidence<T> {
  state: EvidenceState;
  /** Why it is not valid, in words; empty when it is. */
  reasons: string[];
  /** How many files of this kind were looked at. */
  examined: number;
  /** Relative to root. */
  path?: string;
  sha256?: string;
  /** Present whenever the file could be read as evidence, whatever its state. */
  value?: T & EvidenceEnvelope;
  ageS?: number;
}

/** What is needed of any report to judge it as evidence; older forms lack some of it. */
export const EvidenceEnvelope = z.looseObject({
  kind: z.string().optional(),
  ok: z.boolean(),
  clean: z.boolean().optional(),
  ended_at: z.number().optional(),
  generated_at: z.number().optional(),
  started_at: z.number().optional(),
  ts: z.number().optional(),
  git: z.looseObject({ commit: z.string().optional() }).optional(),
  correlation: z.looseObject({
    correlation_id: z.string().optional(),
    release_candidate_id: z.string().optional(),
    run_id: z.string().optional(),
  }).optional(),
});
export type EvidenceEnvelope = z.output<typeof EvidenceEnvelope>;

/** A clock of another machine may run this much ahead before evidence counts as future, seconds. */
const CLOCK_SKEW_S = 5;

/** When evidence was made, epoch seconds: what it says itself, never the file system's time. */
export function evidenceTime(evidence: EvidenceEnvelope): number | undefined {
  return evidence.ended_at ?? evidence.generated_at ?? evidence.ts ?? evidence.started_at;
}

interface Candidate<T> {
  path: string;
  name: string;
  time: number;
  sha256: string | undefined;
  value: (T & EvidenceEnvelope) | undefined;
  faults: string[];
}

/** A malformed file has no time of its own; the stamp in its name is what it claims. */
function claimedTime(name: string): number {
  const match = /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(name);
  if (match !== null) {
    const [, year, month, day, hour, minute, second] = match;
    const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    return Number.isNaN(ms) ? 0 : ms / 1000;
  }
  return Number(/_(\d{9,11})(?=[._])/.exec(name)?.[1] ?? 0);
}

async function names(folder: string, prefix: string): Promise<string[]> {
  const pattern = new RegExp(`^${RegExp.escape(prefix)}_\\d[0-9A-Za-z_]*\\.json$`);
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isFile && pattern.test(entry.name)) found.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

/** All evidence of a kind, newest first by its own time; ties are resolved by name. */
async function candidates<T>(root: string, query: EvidenceQuery<T>): Promise<Candidate<T>[]> {
  const dir = query.dir ?? OUT_DIR;
  const found: Candidate<T>[] = [];
  for (const name of await names(join(root, dir), query.kind)) {
    const path = `${dir}/${name}`;
    const envelope = await loadJson(join(root, path), EvidenceEnvelope, { shown: path });
    if (envelope.state === "missing") continue; // removed while we looked
    if (envelope.state !== "ok") {
      const faults = envelope.faults.map((fault) => describeFault(path, fault));
      const { sha256 } = envelope;
      found.push({ path, name, time: claimedTime(name), sha256, value: undefined, faults });
      continue;
    }
    const { value, sha256 } = envelope;
    if (value.kind !== undefined && value.kind !== query.kind) continue; // globs of kinds overlap
    const parsed = query.schema?.safeParse(value);
    const faults = parsed?.error?.issues.map((issue) =>
      `${path} /${issue.path.join("/")} ${issue.message}`
    ) ?? [];
    const time = evidenceTime(value);
    if (time === undefined) faults.push(`${path} has no ended_at, generated_at or started_at`);
    found.push({
      path,
      name,
      time: time ?? claimedTime(name),
      sha256,
      value: faults.length > 0
        ? undefined
        : { ...value, ...(parsed?.data ?? {}) } as T & EvidenceEnvelope,
      faults,
    });
  }
  return found.sort((a, b) => b.time - a.time || (a.name < b.name ? 1 : -1));
}

function belongs(value: EvidenceEnvelope, query: EvidenceQuery<unknown>): string[] {
  const reasons: string[] = [];
  const compare = (what: string, found: string | undefined, wanted: string | undefined): void => {
    if (wanted === undefined || wanted === "") return;
    if (found !== wanted) reasons.push(`is of ${what} "${found ?? ""}", not "${wanted}"`);
  };
  compare("commit", value.git?.commit, query.commit);
  compare("release candidate", value.correlation?.release_candidate_id, query.releaseCandidateId);
  compare("run", value.correlation?.run_id, query.runId);
  return reasons;
}

/** Judges one piece of evidence; the first state that applies, gravest first. */
export function judgeEvidence(
  value: EvidenceEnvelope,
  query: EvidenceQuery<unknown>,
): { state: EvidenceState; reasons: string[]; ageS: number } {
  const ageS = query.nowS - (evidenceTime(value) ?? 0);
  if (ageS < -CLOCK_SKEW_S) {
    return { state: "future", reasons: [`is dated ${(-ageS).toFixed(0)} s ahead`], ageS };
  }
  const foreign = belongs(value, query);
  if (foreign.length > 0) return { state: "foreign", reasons: foreign, ageS };
  if (query.maxAgeS !== undefined && ageS > query.maxAgeS) {
    return {
      state: "stale",
      reasons: [`is ${ageS.toFixed(0)} s old, limit is ${query.maxAgeS} s`],
      ageS,
    };
  }
  if (!value.ok) return { state: "failed", reasons: ["its own verdict is negative"], ageS };
  if (query.demandClean === true && value.clean === false) {
    return { state: "failed", reasons: ["it passed with failed warnings"], ageS };
  }
  return { state: "valid", reasons: [], ageS };
}

function judged<T>(
  candidate: Candidate<T>,
  examined: number,
  query: EvidenceQuery<T>,
): Evidence<T> {
  const file = {
    path: candidate.path,
    examined,
    ...(candidate.sha256 === undefined ? {} : { sha256: candidate.sha256 }),
  };
  if (candidate.value === undefined) {
    return { ...file, state: "malformed", reasons: candidate.faults };
  }
  return { ...file, value: candidate.value, ...judgeEvidence(candidate.value, query) };
}

/**
 * Looks up the newest evidence of a kind: by the kind inside the file, by the time inside the file.
 *
 * Where a run is asked for, its own evidence is preferred over newer evidence of other runs.
 *
 * @param root The governed root.
 */
export async function newestEvidence<T = unknown>(
  root: string,
  query: EvidenceQuery<T>,
): Promise<Evidence<T>> {
  const found = await candidates(root, query);
  const own = query.runId === undefined || query.runId === ""
    ? undefined
    : found.find(({ value }) => value?.correlation?.run_id === query.runId);
  const candidate = own ?? found[0];
  if (candidate === undefined) {
    const reason = `no ${query.kind}_*.json in ${query.dir ?? OUT_DIR}`;
    return { state: "missing", reasons: [reason], examined: 0 };
  }
  return judged(candidate, found.length, query);
}

/** The newest `count` pieces of evidence of a kind, newest first, each with its state. */
export async function recentEvidence<T = unknown>(
  root: string,
  query: EvidenceQuery<T>,
  count: number,
): Promise<Evidence<T>[]> {
  const found = await candidates(root, query);
  return found.slice(0, count).map((candidate) => judged(candidate, found.length, query));
}
