import { type Check, notApplicable } from "../report/check.ts";
import { probeCheck } from "./judge_recovery.ts";
import type { ReturnedCopy } from "./restore_copy.ts";

/** Every row about a copy that was, or was not, brought back for good. */
export function judgeReturn({ copy, back }: ReturnedCopy, probe: boolean): Check[] {
  const expect = "the same files, folders, links, permission bits and digests as in the copy";
  const differences = back?.comparison.differences.slice(0, 20) ?? [];
  return [
    {
      id: "copy_whole",
      ok: copy !== undefined && copy.faults.length === 0,
      mode: "enforce",
      value: copy === undefined
        ? "there is no good copy"
        : { copy: copy.name, examined: copy.comparison?.files ?? 0, faults: copy.faults },
      expect: "a copy that is as it was when it was proven",
      hint: copy === undefined
        ? "name the region with the copies: --region-a DIR"
        : "choose another copy with --snapshot NAME: see the snapshots folder of region A",
    },
    back === undefined ? notApplicable("copy_restored", expect, "there is no copy to restore") : {
      id: "copy_restored",
      ok: back.comparison.same && back.comparison.tree_sha256 === copy?.manifest?.tree_sha256,
      mode: "enforce",
      value: { files: back.comparison.files, bytes: back.comparison.bytes, differences },
      expect,
      hint: "look at the disk, then restore into another empty folder",
    },
    probeCheck(back?.probe, probe),
  ];
}
