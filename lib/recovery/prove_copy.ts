import { join } from "@std/path/join";
import { SCRATCH_PREFIX } from "./region.ts";
import type { DisasterRecoveryPolicy } from "../policy/disaster_recovery_policy.ts";
import { compareTree, type TreeComparison } from "./compare_tree.ts";
import { copyTree, removeTree } from "./copy_tree.ts";
import { damageCopy, type DamageRow } from "./damage_copy.ts";
import { type NewestRecord, newestRecord } from "./newest_record.ts";
import { probeCopy, type ProbeResult, type ProbeTemplate } from "./probe_copy.ts";
import type { TreeEntry } from "./snapshot_manifest.ts";

/** A program that must be able to read a restored copy. */
export interface Probe {
  template: ProbeTemplate;
  timeoutMs: number;
  /** Its whole environment. */
  env: Readonly<Record<string, string>>;
}

/** A copy that is to be brought back. */
export interface RestoreOrder {
  /** Folder with the data of the copy, absolute. */
  data: string;
  entries: readonly TreeEntry[];
  /** None when absent. */
  probe?: Probe;
  record: DisasterRecoveryPolicy["newest_record"];
  root: string;
  signal: AbortSignal;
}

/** What came back. */
export interface BroughtBack {
  comparison: TreeComparison;
  /** Absent without a probe, and where the comparison failed. */
  probe?: ProbeResult;
  newest: NewestRecord;
  /** Seconds of each part, and from the first byte to the end of the probe. */
  restore_s: number;
  compare_s: number;
  probe_s: number;
  rto_s: number;
}

const secondsSince = (start: number): number => Math.round(performance.now() - start) / 1000;

/**
 * Brings a copy back: writes every entry, compares each with the manifest from what is on disk, and
 * lets the probe read it.
 *
 * @param target Absolute; an empty folder.
 */
export async function bringBack(order: RestoreOrder, target: string): Promise<BroughtBack> {
  const { data, entries, probe: wanted, record, root, signal } = order;
  const start = performance.now();
  await copyTree({ from: data, to: target, rows: entries, signal }); // faults show as missing
  const restore_s = secondsSince(start);
  const comparing = performance.now();
  const comparison = await compareTree(target, entries, signal);
  const compare_s = secondsSince(comparing);
  const newest = newestRecord(target, comparison, record);
  const probing = performance.now();
  const probe = wanted === undefined || !comparison.same
    ? undefined
    : await probeCopy(wanted.template, target, { ...wanted, cwd: root, signal });
  const times = {
    restore_s,
    compare_s,
    probe_s: secondsSince(probing),
    rto_s: secondsSince(start),
  };
  return { comparison, newest, ...times, ...(probe && { probe }) };
}

/** What the restoration of a copy showed. */
export interface Proof extends BroughtBack {
  /** Empty where the comparison failed. */
  damage: DamageRow[];
}

/**
 * Brings a copy back into a new folder of the restore region, and at last damages it there to see
 * that the comparison notices. The folder is removed again.
 *
 * @param region Absolute.
 */
export async function proveCopy(order: RestoreOrder, region: string): Promise<Proof> {
  const { data, entries, signal } = order;
  const scratch = join(region, `${SCRATCH_PREFIX}${crypto.randomUUID()}`);
  await Deno.mkdir(scratch, { mode: 0o700 });
  try {
    const back = await bringBack(order, scratch);
    const damage = back.comparison.same ? await damageCopy(data, scratch, entries, signal) : [];
    return { ...back, damage };
  } finally {
    await removeTree(scratch);
  }
}
