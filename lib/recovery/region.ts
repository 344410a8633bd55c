import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { z } from "zod";
import { IoError, UsageError } from "../command/errors.ts";
import { describeFault, loadJson } from "../policy/load.ts";
import { writeAtomic } from "../store/write_atomic.ts";
import { removeTree } from "./copy_tree.ts";

/** What a folder is used for. */
export type RegionKind = "backup_region" | "restore_region";

/** The file by which the drill knows a folder as its own. */
const MARKER_FILE = "region.json";

/** Locked while a drill uses the region. In the region itself, so that drills of several roots meet. */
export const LOCK_FILE = "region.lock";

/** Names the last good copy. Replaced in one step, and only by a copy that was restored. */
export const POINTER_FILE = "current.json";

/** Folder of the copies, and of the record and the data in each. */
export const SNAPSHOTS_FOLDER = "snapshots";
export const DATA_FOLDER = "data";
export const MANIFEST_FILE = "MANIFEST.json";

/** Beginnings of names that mean nothing to whoever reads a region; a killed run leaves them. */
export const STAGING_PREFIX = ".staging_";
export const REMOVING_PREFIX = ".removing_";
export const SCRATCH_PREFIX = ".scratch_";

const Marker = z.strictObject({
  schema_version: z.literal(1),
  kind: z.enum(["backup_region", "restore_region"]),
});

const Pointer = z.strictObject({
  schema_version: z.literal(1),
  kind: z.literal("recovery_pointer"),
  snapshot: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_]*$/).describe("Name of its folder"),
  manifest_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created_at: z.number().describe("When the copying began, epoch seconds"),
  proven_at: z.number().describe("When its restoration was found whole, epoch seconds"),
});
/** `current.json` of a backup region. */
export type Pointer = z.output<typeof Pointer>;

const json = (value: unknown): string => JSON.stringify(value, null, 2) + "\n";

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Cannot use "${folder}" as a region: it is not a folder`);
    }
    throw error;
  }
}

/**
 * Sees whether a folder may be used as a region: it is one already, or empty, or not there.
 * Changes nothing.
 *
 * @throws {UsageError} If it holds something else, or is a region of the other kind.
 * @throws {IoError} If its marker cannot be read.
 */
export async function checkRegion(folder: string, kind: RegionKind): Promise<void> {
  const hint = "choose a folder that is empty or does not exist";
  const names = await namesIn(folder);
  const [stranger] = names.filter((name) =>
    name !== LOCK_FILE && !name.startsWith(`${MARKER_FILE}.`)
  );
  if (!names.includes(MARKER_FILE)) {
    if (stranger === undefined) return;
    throw new UsageError(
      `Cannot use "${folder}" as a region: it holds "${stranger}" and no ${MARKER_FILE}`,
      hint,
    );
  }
  const marker = await loadJson(join(folder, MARKER_FILE), Marker);
  if (marker.state !== "ok") {
    const [fault] = marker.faults;
    throw new IoError(`Cannot use a region: ${describeFault(marker.path, fault!)}`);
  }
  if (marker.value.kind !== kind) {
    throw new UsageError(`Cannot use "${folder}" as a ${kind}: it is a ${marker.value.kind}`, hint);
  }
}

/** Makes a checked folder, which is there and locked, a region. */
export async function openRegion(folder: string, kind: RegionKind): Promise<void> {
  if (!(await namesIn(folder)).includes(MARKER_FILE)) {
    await writeAtomic(join(folder, MARKER_FILE), json({ schema_version: 1, kind }));
  }
  if (kind !== "backup_region") return;
  await Deno.mkdir(join(folder, SNAPSHOTS_FOLDER), { recursive: true, mode: 0o700 });
}

/**
 * Removes what killed runs left. The caller holds the region's lock.
 *
 * @returns How many there were.
 */
export async function sweepRegion(folder: string): Promise<number> {
  const left = [STAGING_PREFIX, REMOVING_PREFIX, SCRATCH_PREFIX];
  let swept = 0;
  for (const place of [folder, join(folder, SNAPSHOTS_FOLDER)]) {
    for (const name of await namesIn(place)) {
      if (!left.some((prefix) => name.startsWith(prefix))) continue;
      await removeTree(join(place, name));
      swept += 1;
    }
  }
  return swept;
}

/**
 * The pointer to the last good copy; undefined while there is none.
 *
 * @throws {IoError} If there is one that cannot be read; it is left as it is.
 */
export async function readPointer(region: string): Promise<Pointer | undefined> {
  const loaded = await loadJson(join(region, POINTER_FILE), Pointer);
  if (loaded.state === "missing") return undefined;
  if (loaded.state === "ok") return loaded.value;
  const named = loaded.faults.map((fault) => describeFault(loaded.path, fault));
  throw new IoError(
    `Cannot tell the last good copy: ${named[0]}`,
    `look into ${join(region, SNAPSHOTS_FOLDER)}, and move the pointer away or mend it`,
  );
}

/** Lets the pointer name another copy, in one step. */
export async function writePointer(
  region: string,
  content: Pick<Pointer, "snapshot" | "manifest_sha256" | "created_at" | "proven_at">,
): Promise<void> {
  const pointer = { schema_version: 1, kind: "recovery_pointer", ...content };
  await writeAtomic(join(region, POINTER_FILE), json(pointer), { mode: 0o600 });
}

/** Age order: by the time in the name, then by the number that follows it. */
function byAge(a: string, b: string): number {
  const [stampA = "", numberA = "0"] = a.split("Z_");
  const [stampB = "", numberB = "0"] = b.split("Z_");
  if (stampA.replace("Z", "") !== stampB.replace("Z", "")) return stampA < stampB ? -1 : 1;
  return Number(numberA) - Number(numberB);
}

/** Names of the copies in a backup region, oldest first. */
export async function snapshotNames(region: string): Promise<string[]> {
  const names = await namesIn(join(region, SNAPSHOTS_FOLDER));
  return names.filter((name) => /^snapshot_\d{8}T\d{6}Z(_\d+)?$/.test(name)).sort(byAge);
}

/**
 * Removes all copies but the newest, never the one that `current.json` names. A copy loses its name
 * before its content, so that a killed run leaves no half copy that looks like one.
 *
 * @returns Names of those that were removed.
 */
export async function pruneSnapshots(region: string, keep: number): Promise<string[]> {
  const current = (await readPointer(region))?.snapshot;
  const names = await snapshotNames(region);
  const others = names.filter((name) => name !== current).reverse();
  const kept = new Set([current, ...others.slice(0, keep - 1)]);
  const old = names.filter((name) => !kept.has(name));
  for (const name of old) {
    const path = join(region, SNAPSHOTS_FOLDER, name);
    const leaving = join(dirname(path), `${REMOVING_PREFIX}${crypto.randomUUID()}`);
    await Deno.rename(path, leaving);
    await removeTree(leaving);
  }
  return old;
}
