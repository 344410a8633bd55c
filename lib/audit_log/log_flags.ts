import { EvidenceTrustPolicy } from "../policy/evidence_trust_policy.ts";
import { RECORD_FLAGS } from "./record_flags.ts";

/** The flags of everything that reads or writes the audit log. */
export const LOG_FLAGS = {
  log: RECORD_FLAGS["audit-log"],
  "state-file": RECORD_FLAGS["audit-state-file"],
};

/** Whose signatures count, and what the log is called in checkpoints. */
export const TRUST_POLICY = {
  path: "security/evidence_trust_policy.json",
  schema: EvidenceTrustPolicy,
  env: "WA_AUDIT_CHAIN_POLICY_FILE",
};

/** What of a run such a command needs. */
export interface LogRun {
  root: string;
  flags: { log: string; "state-file": string };
}
