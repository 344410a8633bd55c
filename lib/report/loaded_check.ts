import { describeFault, type Loaded } from "../policy/load.ts";
import type { Check, Mode } from "./check.ts";

/** How many faults of one file a check lists. */
const MOST_FAULTS = 20;

/**
 * The check that a file was there and well formed. Missing follows `missing`; malformed, unreadable
 * and wrongly typed are failures of integrity and always enforced.
 */
export function loadedCheck(id: string, loaded: Loaded<unknown>, missing: Mode): Check {
  const expect = "a file that is there and keeps to its schema";
  if (loaded.state === "ok") {
    return { id, ok: true, mode: missing, value: "ok", expect, location: { file: loaded.path } };
  }
  const [first] = loaded.faults;
  const { line, column } = first ?? {};
  return {
    id,
    ok: false,
    mode: loaded.state === "missing" ? missing : "enforce",
    value: {
      state: loaded.state,
      faults: loaded.faults.slice(0, MOST_FAULTS).map((fault) => describeFault(loaded.path, fault)),
    },
    expect,
    hint: loaded.state === "missing"
      ? `create ${loaded.path}, or name another file`
      : `mend it: ${describeFault(loaded.path, first ?? { pointer: "", message: loaded.state })}`,
    location: {
      file: loaded.path,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    },
  };
}
