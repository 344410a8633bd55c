import { UsageError } from "../command/errors.ts";
import {
  type Evidence,
  type EvidenceQuery,
  type EvidenceState,
  recentEvidence,
} from "../report/evidence.ts";
import { OUT_DIR } from "../report/artifact.ts";

/** One piece of evidence, bound by digest. */
export interface EvidenceRow {
  path: string;
  state: EvidenceState;
  reasons: string[];
  sha256: string;
  /** When it was made, epoch seconds. */
  ts: number | null;
  ok: boolean | null;
  clean: boolean | null;
  commit: string;
  release_candidate_id: string;
  correlation_id: string;
  run_id: string;
}

/** The evidence of one gate. */
export interface EvidenceEntry {
  pattern: string;
  /** The state of the newest row, or `missing`. */
  state: EvidenceState;
  rows: EvidenceRow[];
}

/** Evidence by gate; part of what the manifest's digests cover. */
export type EvidenceMap = Record<string, EvidenceEntry>;

/** Where the evidence of a gate is looked for. */
export interface EvidenceSource {
  key: string;
  pattern: string;
  dir: string;
  kind: string;
}

/**
 * Reads patterns such as `.data/out/capacity_guard_*.json`. The key of a gate is the pattern's base
 * name without wildcard and ending; where two folders would give the same key, the folder is added.
 *
 * @throws {UsageError} If a pattern does not name one kind of artifact.
 */
export function evidenceSources(patterns: readonly string[]): EvidenceSource[] {
  const sources = patterns.map((pattern) => {
    const match = /^(?:(.+)\/)?([a-z0-9_]+?)_(?:\[0-9\])?\*\.json$/.exec(pattern);
    if (match === null) {
      throw new UsageError(
        `--gate-evidence-pattern is "${pattern}", expected <folder>/<artifact prefix>_*.json`,
        "for example .data/out/release_governance_*.json",
      );
    }
    const [, dir = ".", kind = ""] = match;
    return { key: kind, pattern, dir, kind };
  });
  const twice = new Set(
    sources.map(({ key }) => key).filter((key, at, keys) => keys.indexOf(key) !== at),
  );
  return sources.map((source) =>
    twice.has(source.key) ? { ...source, key: `${source.dir}/${source.kind}` } : source
  );
}

/** The patterns for gates whose reports stand in `.data/out`. */
export function defaultPatterns(kinds: readonly string[]): string[] {
  return kinds.map((kind) => `${OUT_DIR}/${kind}_*.json`);
}

function toRow({ path = "", state, reasons, sha256 = "", value }: Evidence<unknown>): EvidenceRow {
  return {
    path,
    state,
    reasons,
    sha256,
    ts: value?.ended_at ?? value?.generated_at ?? value?.ts ?? value?.started_at ?? null,
    ok: value?.ok ?? null,
    clean: value?.clean ?? null,
    commit: value?.git?.commit ?? "",
    release_candidate_id: value?.correlation?.release_candidate_id ?? "",
    correlation_id: value?.correlation?.correlation_id ?? "",
    run_id: value?.correlation?.run_id ?? "",
  };
}

/** Evidence that names another candidate is foreign; evidence that names none is judged by commit. */
function foreignCandidate(row: EvidenceRow, candidate: string): EvidenceRow {
  if (
    row.state === "malformed" || row.release_candidate_id === "" ||
    row.release_candidate_id === candidate
  ) return row;
  return {
    ...row,
    state: "foreign",
    reasons: [`is of release candidate "${row.release_candidate_id}", not "${candidate}"`],
  };
}

/**
 * Maps every gate to its newest evidence, with what that evidence is worth.
 *
 * @param limits Commit, run and age that the evidence must have.
 * @param recent How many of the newest files of each gate are mapped.
 */
export async function mapEvidence(
  root: string,
  sources: readonly EvidenceSource[],
  limits: Pick<EvidenceQuery<unknown>, "nowS" | "maxAgeS" | "commit" | "runId" | "demandClean">,
  candidate: string,
  recent: number,
): Promise<EvidenceMap> {
  const map: EvidenceMap = {};
  for (const { key, pattern, dir, kind } of sources) {
    const found = await recentEvidence(root, { ...limits, kind, dir }, recent);
    const rows = found.map((evidence) => foreignCandidate(toRow(evidence), candidate));
    map[key] = { pattern, state: rows[0]?.state ?? "missing", rows };
  }
  return map;
}
