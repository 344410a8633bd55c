import { join } from "@std/path/join";
import type { DisasterRecoveryPolicy } from "../policy/disaster_recovery_policy.ts";
import { readText } from "../store/read_text.ts";
import { valueAt } from "../text/json_pointer.ts";
import type { TreeComparison } from "./compare_tree.ts";

/** The youngest data of a restored copy. */
export type NewestRecord =
  | { path: string; by: string; at_s: number }
  | { path: string; by: string; fault: string };

function timeOf(value: unknown): number | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const ms = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isFinite(ms) ? ms / 1000 : undefined;
}

/** A whole JSON text, or the last of several lines of JSON. */
function lastRecord(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
  }
}

/**
 * How young the data is that came back: by a record that the policy points to, else by the file that
 * was modified last, with the time it had in the primary.
 *
 * @param top The restored copy, absolute.
 */
export function newestRecord(
  top: string,
  { newest }: TreeComparison,
  record: DisasterRecoveryPolicy["newest_record"],
): NewestRecord {
  if (record === undefined) {
    const row = { path: newest?.path ?? "", by: "file time" };
    if (newest === undefined) return { ...row, fault: "no file was restored" };
    return { ...row, at_s: newest.mtime_ms / 1000 };
  }
  const { path, pointer } = record;
  const row = { path, by: pointer };
  const file = readText(join(top, path));
  if (file.state !== "ok") return { ...row, fault: file.message };
  try {
    const time = timeOf(valueAt(lastRecord(file.text), pointer));
    return time === undefined
      ? { ...row, fault: "there is no time: expected epoch seconds or RFC 3339 text" }
      : { ...row, at_s: time };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ...row, fault: `is not JSON: ${error.message}` };
  }
}
