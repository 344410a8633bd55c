import { isAbsolute } from "@std/path/is-absolute";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";

/** Where the audit log of a root is, unless it is told otherwise. */
export const AUDIT_LOG = ".data/audit/operations_audit_chain.ndjson";

/** Where its state file is. */
export const AUDIT_STATE = ".data/audit/operations_audit_chain_state.json";

/** Absolute paths of a log and its state file, and the name the log has in reports. */
export interface AuditPaths {
  log: string;
  state: string;
  /** Relative to the root with `/`; absolute if the log lies outside. */
  logName: string;
}

/** Resolves the files of an audit log; relative paths are taken from the root. */
export function auditPaths(
  root: string,
  { log = AUDIT_LOG, stateFile = AUDIT_STATE }: { log?: string; stateFile?: string } = {},
): AuditPaths {
  const absolute = (path: string) => isAbsolute(path) ? path : join(root, path);
  const inside = relative(root, absolute(log)).replaceAll("\\", "/");
  return {
    log: absolute(log),
    state: absolute(stateFile),
    logName: inside.startsWith("..") || isAbsolute(inside) ? absolute(log) : inside,
  };
}
