import { UNFINISHED } from "../audit/fault.ts";
import { describeFault } from "../audit/judge_chain.ts";
import { newestEntry } from "../audit/newest_entry.ts";
import { auditPaths } from "../audit/paths.ts";
import { snapshot } from "../audit/snapshot.ts";
import { verifyLog } from "../audit/verify.ts";
import type { Check, Mode } from "../report/check.ts";
import type { ReleaseManifest } from "./manifest.ts";

/** Action of the audit entry that a seal leaves. */
export const SEAL_ACTION = "release_manifest_seal";

/** What the audit log says about a manifest. */
export interface AuditedSeal {
  check: Check;
  /** Time of the entry, epoch seconds; undefined where no entry that holds was found. */
  sealedAtS?: number;
}

/**
 * Looks for the entry about a manifest in the audit log, after following the log from its first
 * entry and comparing it with its state file.
 */
export async function auditedSeal(
  root: string,
  manifest: ReleaseManifest,
  files: { log: string; stateFile: string },
  gate: Mode,
): Promise<AuditedSeal> {
  const paths = auditPaths(root, files);
  const candidate = manifest.app.release_candidate_id;
  const failed = (mode: Mode, value: string, hint: string): AuditedSeal => ({
    check: {
      id: "sealed_in_audit_log",
      ok: false,
      mode,
      value,
      expect: `an entry ${SEAL_ACTION} of ${candidate} with this manifest_sha256`,
      hint,
      location: { file: paths.logName },
    },
  });
  const { size, stateFile } = await snapshot(root, paths);
  if (size === 0) {
    return failed(gate, `there is no ${paths.logName}`, "restore the audit log of that run");
  }
  const found = await verifyLog(paths.log, { stateFile, logName: paths.logName, until: size });
  const fault = found.faults.find(({ kind }) => !UNFINISHED.includes(kind));
  if (fault !== undefined) {
    return failed("enforce", describeFault(fault), "deno task verify_audit_chain --strict");
  }
  const entry = await newestEntry(paths.log, found.head.at.bytes, (entry) => {
    const context = entry["context"] as Record<string, unknown>;
    return entry["action"] === SEAL_ACTION && entry["status"] === "ok" &&
      context["release_candidate_id"] === candidate &&
      context["manifest_sha256"] === manifest.manifest_sha256;
  });
  if (entry === undefined) {
    return failed(
      "enforce",
      `none of ${found.head.at.entries} entries`,
      "the log never saw this seal: seal the candidate again, or find out who wrote the manifest",
    );
  }
  return {
    check: {
      id: "sealed_in_audit_log",
      ok: true,
      mode: gate,
      value: { sequence: entry["seq"], entry_hash: entry["entry_hash"], ts: entry["ts"] },
      expect: `an entry ${SEAL_ACTION} of ${candidate} with this manifest_sha256`,
    },
    sealedAtS: Number(entry["ts"]),
  };
}
