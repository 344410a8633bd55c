import { z } from "zod";
import type { Fault } from "../audit/fault.ts";
import { visitLines } from "../audit/log_lines.ts";
import { auditPaths } from "../audit/paths.ts";
import { makeInclusionProof, type ProofFile } from "../audit/proof_file.ts";
import { snapshot } from "../audit/snapshot.ts";
import { verifyLog } from "../audit/verify.ts";
import type { FamilyArtifact, IdName } from "./family.ts";

/** An entry of the audit log that belongs to what is examined. */
export interface TraceEntry extends Record<IdName, string> {
  seq: number;
  source: string;
  action: string;
  entry_hash: string;
}

/** What the audit log says about a release. */
export interface AuditTrace {
  /** How the log is named in reports. */
  log: string;
  /** Entries in the log; 0 where there is none. */
  entryCount: number;
  /** The first thing wrong with the log; nothing is taken from a log that does not hold. */
  fault?: Fault;
  /** Entries of the same run, or, without a run, with one of the same ids. */
  entries: TraceEntry[];
  /** The newest entry that the writer of the rollout artifact left, and that it is in the log. */
  rollout?: { entry: TraceEntry; proof: ProofFile };
}

/** Source of the entries that the rollout executor leaves. */
const ROLLOUT_SOURCE = "release_rollout_executor";

const Entry = z.looseObject({
  seq: z.int(),
  source: z.string(),
  action: z.string(),
  entry_hash: z.string(),
  correlation_id: z.string().default(""),
  release_candidate_id: z.string().default(""),
  run_id: z.string().default(""),
});

/** Whether an entry is about an artifact: of its run, or with one of its ids where it has no run. */
function concerns(entry: z.output<typeof Entry>, { runId, ids }: FamilyArtifact): boolean {
  if (runId !== "") return entry.run_id === runId;
  const same = (id: IdName): boolean => ids[id].value !== "" && entry[id] === ids[id].value;
  return same("correlation_id") || same("release_candidate_id");
}

async function entriesAbout(
  path: string,
  until: number,
  artifacts: readonly FamilyArtifact[],
): Promise<TraceEntry[]> {
  const wanted = artifacts.flatMap(({ runId, ids }) =>
    runId === "" ? [ids.correlation_id.value, ids.release_candidate_id.value] : [runId]
  ).filter((id) => id !== "");
  const found: TraceEntry[] = [];
  const decoder = new TextDecoder();
  await visitLines(path, 0, (line) => {
    const text = decoder.decode(line);
    if (!wanted.some((id) => text.includes(id))) return true;
    const entry = Entry.parse(JSON.parse(text));
    if (artifacts.some((artifact) => concerns(entry, artifact))) {
      const { seq, source, action, entry_hash, correlation_id, release_candidate_id } = entry;
      found.push({ seq, source, action, entry_hash, correlation_id, release_candidate_id });
    }
    return true;
  }, until);
  return found;
}

/**
 * Looks for the traces of a release in the audit log, after following the log to its end.
 *
 * @param artifacts The artifacts that are examined.
 * @param rollout The rollout artifact among them; its entry is proven to be in the log.
 */
export async function auditTrace(
  root: string,
  files: { log: string; stateFile: string },
  artifacts: readonly FamilyArtifact[],
  rollout: FamilyArtifact | undefined,
): Promise<AuditTrace> {
  const paths = auditPaths(root, files);
  const { size, stateFile } = await snapshot(root, paths);
  const trace: AuditTrace = { log: paths.logName, entryCount: 0, entries: [] };
  if (size === 0) return trace;
  const found = await verifyLog(paths.log, { stateFile, logName: paths.logName, until: size });
  const { entries: entryCount, bytes } = found.head.at;
  const [fault] = found.faults;
  if (fault !== undefined) return { ...trace, entryCount, fault };
  const entries = await entriesAbout(paths.log, bytes, artifacts);
  const own = rollout === undefined
    ? undefined
    : entries.findLast((entry) =>
      entry.source === ROLLOUT_SOURCE &&
      entry.correlation_id === rollout.ids.correlation_id.value &&
      entry.release_candidate_id === rollout.ids.release_candidate_id.value
    );
  if (own === undefined) return { ...trace, entryCount, entries };
  const provable = { path: paths.log, size: entryCount, until: bytes, checkpoint: null };
  const proof = await makeInclusionProof(provable, own.seq);
  return { ...trace, entryCount, entries, rollout: { entry: own, proof } };
}
