import { join } from "@std/path/join";
import { ChannelsError } from "../rollout/channels.ts";
import { lockPathFor, withLock } from "../store/lock.ts";
import type { BundleManifest, BundleRelease } from "./bundle_manifest.ts";
import { bundleRelease, restorePlan } from "./bundle_release.ts";
import type { BundleSource } from "./bundle_sources.ts";
import { copiedFiles, copySources, type InventoryRow } from "./copy_sources.ts";
import { type Rehearsal, rehearseRestore } from "./restore_bundle.ts";
import { type BundleVerification, verifyBundle } from "./verify_bundle.ts";
import { publishBundle, stagingFolder, sweepStaging } from "./write_bundle.ts";

/** What is to be bundled, and for whom. */
export interface BundleOrder {
  root: string;
  /** Absolute folder that gets the bundle. */
  outDir: string;
  /** The name wanted for the bundle's folder. */
  name: string;
  label: string;
  nowS: number;
  commit: string;
  correlation: { correlation_id: string; release_candidate_id: string };
  sources: readonly BundleSource[];
  /** Absolute path of the audit log; while its files are copied nobody may append to it. */
  auditLog: string;
  /** Largest sum of all files, bytes. */
  maxBytes: number;
  /** Values that must not be in any file. */
  secrets: readonly string[];
}

/** What came of it. Without a folder no bundle was made. */
export interface MadeBundle {
  inventory: InventoryRow[];
  bytes: number;
  /** Staging folders of killed runs that were removed. */
  swept: number;
  folder?: string;
  manifest?: BundleManifest;
  verification?: BundleVerification;
  rehearsal?: Rehearsal;
  /** Why the registry's state is not in the manifest. */
  releaseFault?: string;
}

async function copyAll(order: BundleOrder, staging: string): Promise<InventoryRow[]> {
  const { root, sources, auditLog, secrets } = order;
  const audit = sources.filter(({ group }) => group === "audit");
  const others = sources.filter(({ group }) => group !== "audit");
  const rows = await copySources(root, staging, others, secrets);
  if (audit.length === 0) return rows;
  const lock = { waitMs: 10_000, purpose: "copying the audit log" };
  const copied = await withLock(
    lockPathFor(root, auditLog),
    lock,
    () => copySources(root, staging, audit, secrets),
  );
  return [...rows, ...copied].sort((a, b) => a.path < b.path ? -1 : 1);
}

async function releaseOf(
  staging: string,
): Promise<{ release: BundleRelease | null; releaseFault?: string }> {
  try {
    return { release: await bundleRelease(staging) };
  } catch (error) {
    if (!(error instanceof ChannelsError || error instanceof RangeError)) throw error;
    return { release: null, releaseFault: error.message };
  }
}

/** Whether what was copied may become a bundle. */
function complete({ inventory, bytes }: MadeBundle, { maxBytes }: BundleOrder): boolean {
  return inventory.every((row) => row.copied || !row.required) && bytes <= maxBytes;
}

async function publish(order: BundleOrder, staging: string, made: MadeBundle): Promise<MadeBundle> {
  const { root, outDir, label, name, nowS, commit, correlation } = order;
  const { release, ...fault } = await releaseOf(staging);
  const { folder, manifest } = await publishBundle(staging, outDir, {
    schema_version: 1,
    kind: "rollback_bundle",
    name,
    label,
    created_at: Math.floor(nowS),
    commit,
    ...correlation,
    release,
    restore: restorePlan(name, release),
    files: copiedFiles(made.inventory),
  });
  const verification = await verifyBundle(folder);
  const target = join(root, ".data", `rehearsal_${crypto.randomUUID()}`);
  const rehearsal = await rehearseRestore(folder, target);
  return { ...made, ...fault, folder, manifest, verification, rehearsal };
}

/**
 * Makes a rollback bundle, verifies it and rehearses its restoration. One at a time in a root.
 *
 * @throws {LockBusyError} If another run makes one, or somebody holds the audit log.
 */
export async function makeBundle(order: BundleOrder): Promise<MadeBundle> {
  const { root, outDir } = order;
  const lock = { waitMs: 30_000, purpose: "making a rollback bundle" };
  return await withLock(lockPathFor(root, join(outDir, "rollback_bundle")), lock, async () => {
    const swept = await sweepStaging(outDir);
    const staging = await stagingFolder(outDir);
    try {
      const inventory = await copyAll(order, staging);
      const bytes = inventory.reduce((sum, { size }) => sum + size, 0);
      const made: MadeBundle = { inventory, bytes, swept };
      return complete(made, order) ? await publish(order, staging, made) : made;
    } finally {
      await Deno.remove(staging, { recursive: true }).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // it became the bundle
      });
    }
  });
}
