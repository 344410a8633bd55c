import type { DisasterRecoveryPolicy } from "../policy/disaster_recovery_policy.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { type CheckedCopy, missingFiles } from "./check_copy.ts";
import type { RecoveryResult } from "./run_recovery.ts";
import type { ProbeResult } from "./probe_copy.ts";
import type { TakenSnapshot } from "./take_snapshot.ts";

/** What a drill must show. */
export interface RecoveryDemand {
  maxRpoS: number;
  maxRtoS: number;
  policy: DisasterRecoveryPolicy;
  /** A copy was not to be made, only the last good one restored. */
  fromCurrent: boolean;
  /** A probe was given. */
  probe: boolean;
  gate: Mode;
}

/** A clock of another machine may run this much ahead, seconds. */
const CLOCK_SKEW_S = 5;

/** Paths shown in a row at most. */
const MOST_PATHS = 20;

const AGAIN = "deno task disaster_recovery_drill";

const few = <T>(rows: readonly T[]): T[] => rows.slice(0, MOST_PATHS);

/** Whether all that was copied was there at one moment. */
function momentCheck({ examined, attempts, changed, faults }: TakenSnapshot): Check {
  const id = "point_in_time_consistent";
  const expect = "nothing changed between the first look and the last, so all is of one moment";
  if (faults.length > 0) return notApplicable(id, expect, "the primary cannot be read");
  return {
    id,
    ok: changed.length === 0,
    mode: "enforce",
    value: { examined, attempts, changed: few(changed), changed_count: changed.length },
    expect,
    hint: changed[0] === undefined
      ? AGAIN
      : `stop what writes ${changed[0]}, drill on a snapshot of the file system, or exclude it`,
  };
}

function copyingChecks(taken: TakenSnapshot, gate: Mode): Check[] {
  const { examined, faults, special, outside } = taken;
  const first = faults[0] ?? "";
  return [
    {
      id: "primary_readable",
      ok: faults.length === 0,
      mode: "enforce",
      value: { examined, faults: few(faults) },
      expect: "everything can be read",
      hint: first === "" ? AGAIN : `let whoever runs the drill read it, or exclude it: ${first}`,
    },
    momentCheck(taken),
    {
      id: "links_lead_inside",
      ok: outside.length === 0,
      mode: gate,
      value: { examined, outside: few(outside), special: few(special) },
      expect: "no link leads out of the copy: what is behind it is not in it",
      hint: "back up what the links lead to as well",
    },
  ];
}

function requiredCheck({ copy }: RecoveryResult, { policy }: RecoveryDemand): Check {
  const id = "required_files_in_copy";
  const expect = "every file that the policy names in /must_contain";
  const { must_contain: wanted } = policy;
  if (wanted.length === 0) return notApplicable(id, expect, "the policy names none");
  if (copy?.manifest === undefined) return notApplicable(id, expect, "no copy was made");
  const missing = missingFiles(copy, policy);
  return {
    id,
    ok: missing.length === 0,
    mode: "enforce",
    value: { examined: wanted.length, missing },
    expect,
    hint: `create ${missing[0] ?? ""} in the primary, or correct /must_contain of the policy`,
  };
}

function lastGoodCheck({ previous }: RecoveryResult, { fromCurrent }: RecoveryDemand): Check {
  const id = "last_good_copy_whole";
  const expect = "the copy that current.json names is as it was when it was proven";
  if (previous === undefined) {
    if (!fromCurrent) return notApplicable(id, expect, "there was no copy before");
    const value = "there is no good copy";
    return { id, ok: false, mode: "enforce", value, expect, hint: AGAIN };
  }
  return {
    id,
    ok: previous.faults.length === 0,
    mode: "enforce",
    value: {
      copy: previous.name,
      examined: previous.comparison?.files ?? 0,
      faults: few(previous.faults),
    },
    expect,
    hint: "look at the disk of region A; a drill that passes makes a new good copy",
  };
}

function backupCheck({ copy }: RecoveryResult): Check {
  const expect = "a copy in region A that has, read back, the digests of its manifest";
  return {
    id: "backup_region_a",
    ok: copy !== undefined && copy.faults.length === 0,
    mode: "enforce",
    value: copy === undefined ? "there is no copy" : described(copy),
    expect,
    hint: copy === undefined
      ? "mend what the rows above name"
      : "look at the disk of region A, then drill again",
  };
}

function described({ name, manifest, comparison, faults }: CheckedCopy): Record<string, unknown> {
  const { files = 0, folders = 0, links = 0, bytes = 0 } = comparison ?? {};
  const sha256 = manifest?.tree_sha256 ?? "";
  return { copy: name, files, folders, links, bytes, tree_sha256: sha256, faults: few(faults) };
}

function restoreChecks({ copy, proof }: RecoveryResult): Check[] {
  const restored = "the same files, folders, links, permission bits and digests as in region A";
  const noticed = "a flipped byte, a dropped file and a cut file are each noticed";
  if (proof === undefined) {
    const reason = "there is no copy to restore";
    return [
      notApplicable("restore_region_b", restored, reason),
      notApplicable("damage_detected", noticed, reason),
    ];
  }
  const { comparison, damage } = proof;
  const { differences, files, folders, links, bytes, tree_sha256 } = comparison;
  return [
    {
      id: "restore_region_b",
      ok: comparison.same && files > 0 && tree_sha256 === copy?.manifest?.tree_sha256,
      mode: "enforce",
      value: { files, folders, links, bytes, tree_sha256, differences: few(differences) },
      expect: restored,
      hint: differences[0] === undefined
        ? "drill again"
        : `look at the disk of region B: ${differences[0].path} differs in ${differences[0].what}`,
    },
    comparison.same
      ? {
        id: "damage_detected",
        ok: damage.length > 0 && damage.every(({ detected }) => detected),
        mode: "enforce",
        value: { examined: damage.length, damage },
        expect: noticed,
        hint: "the comparison cannot be trusted here: look at the file system of region B",
      }
      : notApplicable("damage_detected", noticed, "the copy was not restored whole"),
  ];
}

/** Whether a program can read what came back. */
export function probeCheck(probe: ProbeResult | undefined, configured: boolean): Check {
  const id = "probe_passed";
  const expect = "the probe reads the restored copy and ends with 0";
  if (!configured) return notApplicable(id, expect, "no probe command: digests were compared only");
  if (probe === undefined) return notApplicable(id, expect, "nothing was restored whole");
  const { ok, end, exit_code, stderr, stdout, argv } = probe;
  const why = end === "exited" ? stderr.split("\n")[0] : `it ended by ${end}`;
  return {
    id,
    ok,
    mode: "enforce",
    value: { exit_code, end, stderr, stdout, argv },
    expect,
    hint: `run it by hand on a copy that --restore-into brought back: ${why || argv[0]}`,
  };
}

function recoveryPoint({ began_s, copied_s, proof }: RecoveryResult, maxRpoS: number): Check {
  const id = "rpo_within_limit";
  const expect = `<= ${maxRpoS} s from the newest restored record to the start of the drill`;
  if (proof?.comparison.same !== true) return notApplicable(id, expect, "nothing was restored");
  const { newest } = proof;
  if ("fault" in newest) {
    const hint = `correct ${newest.path}, or /newest_record of the policy`;
    return { id, ok: false, mode: "enforce", value: newest, expect, hint };
  }
  const future = newest.at_s > copied_s + CLOCK_SKEW_S;
  const rpo = rpoOf(began_s, newest.at_s);
  return {
    id,
    ok: !future && rpo <= maxRpoS,
    mode: "enforce",
    value: { rpo_s: rpo, newest_record: newest, in_future: future },
    expect,
    hint: future
      ? "compare the clocks: the newest record is from the future"
      : "back up more often, or see why nothing newer was written",
  };
}

/** Seconds of work that would be lost; records made while the drill ran count as none. */
function rpoOf(beganS: number, newestS: number): number {
  return Math.max(0, Math.round((beganS - newestS) * 1000) / 1000);
}

function recoveryTime({ proof }: RecoveryResult, maxRtoS: number): Check {
  const id = "rto_within_limit";
  const expect = `<= ${maxRtoS} s for restoration, comparison and probe`;
  if (proof?.comparison.same !== true) return notApplicable(id, expect, "nothing was restored");
  const { rto_s, restore_s, compare_s, probe_s } = proof;
  return {
    id,
    ok: rto_s <= maxRtoS,
    mode: "enforce",
    value: { rto_s, restore_s, compare_s, probe_s },
    expect,
    hint: "use a faster disk or a smaller primary, or raise the limit",
  };
}

/** Seconds that the drill measured; null where it did not come to that. */
export function measured({ began_s, proof }: RecoveryResult): {
  rpo_s: number | null;
  rto_s: number | null;
} {
  if (proof?.comparison.same !== true) return { rpo_s: null, rto_s: null };
  const rpo_s = "fault" in proof.newest ? null : rpoOf(began_s, proof.newest.at_s);
  return { rpo_s, rto_s: proof.rto_s };
}

/** Every row about a drill, in the order of its steps. */
export function judgeRecovery(
  result: RecoveryResult,
  demand: RecoveryDemand,
): Check[] {
  return [
    lastGoodCheck(result, demand),
    ...(result.taken === undefined ? [] : copyingChecks(result.taken, demand.gate)),
    backupCheck(result),
    requiredCheck(result, demand),
    ...restoreChecks(result),
    probeCheck(result.proof?.probe, demand.probe),
    recoveryPoint(result, demand.maxRpoS),
    recoveryTime(result, demand.maxRtoS),
  ];
}
