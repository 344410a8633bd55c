import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { compareTree, type Difference } from "./compare_tree.ts";
import { copyFile } from "./copy_tree.ts";
import type { TreeEntry } from "./snapshot_manifest.ts";

/** What is done to a file, and how the comparison must name it. */
const DAMAGE = { flip: "digest", drop: "missing", truncate: "size" } as const satisfies Record<
  string,
  Difference["what"]
>;

/** One damage that was done to a restored file, and whether the comparison found it. */
export interface DamageRow {
  damage: keyof typeof DAMAGE;
  path: string;
  detected: boolean;
  /** Everything the comparison said about the file. */
  found: Difference["what"][];
}

type FileEntry = Extract<TreeEntry, { type: "file" }>;

function pick(below: number): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! % below;
}

/** Whether a file still stands there as it was restored, so that damage to it means something. */
async function isWhole(top: string, { path, size }: FileEntry): Promise<boolean> {
  try {
    const facts = await Deno.lstat(join(top, path));
    return facts.isFile && facts.size === size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // a probe may clean up after itself
    throw error;
  }
}

/** Lets `work` change what is in a folder or a file whose permission bits forbid it. */
async function unlocked(path: string, mode: number, work: () => Promise<void>): Promise<void> {
  if (Deno.build.os === "windows") return await work();
  await Deno.chmod(path, mode | 0o700);
  await work();
  await Deno.chmod(path, mode);
}

async function flip(path: string, size: number): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const at = pick(size);
  const byte = new Uint8Array(1);
  await file.seek(at, Deno.SeekMode.Start);
  await file.read(byte);
  byte[0] = byte[0]! ^ (1 << pick(8));
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(byte);
}

/** Damages a file and hides it as well as can be: permission bits and time stay what they were. */
async function harm(top: string, damage: keyof typeof DAMAGE, entry: FileEntry): Promise<void> {
  const path = join(top, entry.path);
  if (damage === "drop") {
    const folder = dirname(path);
    const { mode } = await Deno.lstat(folder);
    return await unlocked(folder, (mode ?? 0) & 0o7777, () => Deno.remove(path));
  }
  await unlocked(path, entry.mode, async () => {
    if (damage === "flip") await flip(path, entry.size);
    else await Deno.truncate(path, Math.floor(entry.size / 2));
  });
  const time = new Date(entry.mtime_ms);
  await Deno.utime(path, time, time);
}

/** Puts one file back from the snapshot. */
async function heal(data: string, top: string, entry: FileEntry, signal: AbortSignal) {
  const path = join(top, entry.path);
  const folder = dirname(path);
  const { mode } = await Deno.lstat(folder);
  await unlocked(folder, (mode ?? 0) & 0o7777, async () => {
    await Deno.remove(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    await copyFile(join(data, entry.path), path, entry, signal);
  });
}

/**
 * Damages a restored copy in three ways, a byte flipped, a file dropped, a file cut off, and sees
 * whether the comparison that judged the copy finds each. Files are chosen by chance, different ones
 * where there are three. The copy is spoilt afterwards.
 *
 * @param data The snapshot's data, absolute.
 * @param top The restored copy, absolute.
 */
export async function damageCopy(
  data: string,
  top: string,
  entries: readonly TreeEntry[],
  signal: AbortSignal,
): Promise<DamageRow[]> {
  const files: FileEntry[] = [];
  for (const entry of entries) {
    if (entry.type === "file" && entry.size > 0 && await isWhole(top, entry)) files.push(entry);
  }
  if (files.length === 0) return [];
  const damages = Object.keys(DAMAGE) as (keyof typeof DAMAGE)[];
  const together = files.length >= damages.length;
  const rounds = together ? [damages] : damages.map((damage) => [damage]);
  const rows: DamageRow[] = [];
  for (const round of rounds) {
    const left = [...files];
    const chosen = round.map((damage) => {
      const [entry] = left.splice(pick(left.length), 1);
      return { damage, entry: entry! };
    });
    for (const { damage, entry } of chosen) await harm(top, damage, entry);
    const { differences } = await compareTree(top, entries, signal);
    for (const { damage, entry: { path } } of chosen) {
      const found = differences.filter((each) => each.path === path).map(({ what }) => what);
      rows.push({ damage, path, detected: found.includes(DAMAGE[damage]), found });
    }
    if (!together) { for (const { entry } of chosen) await heal(data, top, entry, signal); }
  }
  return rows;
}
