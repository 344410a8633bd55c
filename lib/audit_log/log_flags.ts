import { path } from "../command/flag.ts";
import { EvidenceTrustPolicy } from "../policy/evidence_trust_policy.ts";

/** The flags of everything that reads or writes the audit log. */
export const LOG_FLAGS = {
  log: path({
    env: "WA_AUDIT_CHAIN_LOG",
    default: ".data/audit/operations_audit_chain.ndjson",
    help: "Audit log",
  }),
  "state-file": path({
    env: "WA_AUDIT_CHAIN_STATE_FILE",
    default: ".data/audit/operations_audit_chain_state.json",
    help: "State file of the audit log",
  }),
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
