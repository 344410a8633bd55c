import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import { isAbsolute } from "@std/path/is-absolute";
import { UsageError } from "../command/errors.ts";

/** Where regions may lie inside the primary; left out of every copy. Relative to root. */
export const REGIONS_FOLDER = ".data/dr";

/** Of the toolkit, and worth nothing after a disaster; left out too. Relative to root. */
const WORTHLESS = [".data/locks", ".data/tmp"];

/**
 * The path with links resolved, also of what does not exist yet.
 *
 * @throws {UsageError} If links lead around in a circle.
 */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.FilesystemLoop) {
      throw new UsageError(`Cannot use "${path}": its links lead around in a circle`);
    }
    const absent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (!absent || dirname(path) === path) throw error;
    return join(await realPathOf(dirname(path)), basename(path));
  }
}

/** The path of `inner` below `outer`; empty when they are the same, undefined when it is not below. */
function below(outer: string, inner: string): string | undefined {
  const path = relative(outer, inner).replaceAll("\\", "/");
  return path === ".." || path.startsWith("../") || isAbsolute(path) ? undefined : path;
}

/** The three places of a drill, absolute, links resolved. */
export interface RecoveryPaths {
  primary: string;
  regionA: string;
  regionB: string;
  /** Relative to the primary: what is never copied. */
  excluded: string[];
}

function refuse(flag: string, path: string, what: string, other: string): never {
  throw new UsageError(
    `${flag} is "${path}", which ${what} "${other}": they must not overlap`,
    `put the regions outside the primary, best on another disk, or below ${REGIONS_FOLDER}`,
  );
}

/** Neither may contain the other, unless a region lies in the folder that is left out. */
function keepApart(
  flag: string,
  region: string,
  primary: string,
  regions: readonly string[],
): void {
  if (below(region, primary) !== undefined) refuse(flag, region, "contains the primary", primary);
  const inside = below(primary, region);
  const isLeftOut = inside !== undefined &&
    regions.some((path) => below(path, inside) !== undefined);
  if (inside !== undefined && !isLeftOut) refuse(flag, region, "lies in the primary", primary);
}

/** A folder of the toolkit as it stands in the primary, by its name and with links resolved. */
async function insidePrimary(root: string, primary: string, path: string): Promise<string[]> {
  const places = [join(await realPathOf(root), path), await realPathOf(join(root, path))];
  return places.flatMap((place) => below(primary, place) || []);
}

/**
 * Resolves the places of a drill and refuses those that overlap: a copy inside what is copied grows
 * by itself, and a region around the primary puts the primary at risk.
 *
 * @param places Absolute.
 * @param exclude Further paths that are left out; relative to the primary.
 * @throws {UsageError} If two of them overlap.
 */
export async function recoveryPaths(
  root: string,
  places: { primary: string; regionA: string; regionB: string },
  exclude: readonly string[],
): Promise<RecoveryPaths> {
  const primary = await realPathOf(places.primary);
  const regionA = await realPathOf(places.regionA);
  const regionB = await realPathOf(places.regionB);
  const regions = await insidePrimary(root, primary, REGIONS_FOLDER);
  const worthless = await Promise.all(WORTHLESS.map((path) => insidePrimary(root, primary, path)));
  keepApart("--region-a", regionA, primary, regions);
  keepApart("--region-b", regionB, primary, regions);
  if (below(regionA, regionB) !== undefined) {
    refuse("--region-b", regionB, "lies in region A", regionA);
  }
  if (below(regionB, regionA) !== undefined) {
    refuse("--region-b", regionB, "contains region A", regionA);
  }
  const excluded = [...new Set([...regions, ...worthless.flat(), ...exclude])].sort();
  return { primary, regionA, regionB, excluded };
}

/**
 * Where a copy is restored for good; links resolved.
 *
 * @throws {UsageError} If it lies in the region that keeps the copies.
 */
export async function restoreTarget(target: string, regionA: string): Promise<string> {
  const [real, region] = [await realPathOf(target), await realPathOf(regionA)];
  if (below(region, real) === undefined) return real;
  throw new UsageError(`--restore-into is "${real}", which lies in region A "${region}"`);
}
