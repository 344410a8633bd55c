import { path } from "../command/flag.ts";

/** Where a script that changes state puts that on record, and where a gate looks for it. */
export const RECORD_FLAGS = {
  "audit-log": path({
    env: "WA_AUDIT_CHAIN_LOG",
    default: ".data/audit/operations_audit_chain.ndjson",
    help: "Audit log",
  }),
  "audit-state-file": path({
    env: "WA_AUDIT_CHAIN_STATE_FILE",
    default: ".data/audit/operations_audit_chain_state.json",
    help: "State file of the audit log",
  }),
};
