import { walk } from "@std/fs/walk";
import { join } from "@std/path/join";
import { sha256Hex } from "../store/digest.ts";
import { writeFlushed } from "./copy_sources.ts";
import {
  type BundleManifest,
  MANIFEST_FILE,
  sealManifest,
  SUMS_FILE,
  sumsText,
} from "./bundle_manifest.ts";

/** Beginning and end of the name a bundle has until it is whole. */
const STAGING = { prefix: ".rollback_bundle_", suffix: ".tmp" };

/** A folder in which a bundle is put together. Whoever reads bundles does not look at it. */
export async function stagingFolder(outDir: string): Promise<string> {
  await Deno.mkdir(outDir, { recursive: true });
  const folder = join(outDir, `${STAGING.prefix}${crypto.randomUUID()}${STAGING.suffix}`);
  await Deno.mkdir(folder);
  return folder;
}

/**
 * Removes what killed runs left half-way. The caller holds the lock under which bundles are made.
 *
 * @returns How many there were.
 */
export async function sweepStaging(outDir: string): Promise<number> {
  let removed = 0;
  try {
    for await (const { name, isDirectory } of Deno.readDir(outDir)) {
      const staging = name.startsWith(STAGING.prefix) && name.endsWith(STAGING.suffix);
      if (!isDirectory || !staging) continue;
      await Deno.remove(join(outDir, name), { recursive: true });
      removed++;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return removed;
}

/** Flushes every folder of a tree, so that the names in them survive a power cut. */
export async function syncFolders(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  for await (const { path } of walk(folder, { includeFiles: false, includeSymlinks: false })) {
    using opened = await Deno.open(path);
    await opened.sync();
  }
}

/** A name that nothing in the folder has: the wanted one, or with `_1`, `_2` ... after it. */
export async function freeName(outDir: string, wanted: string): Promise<string> {
  const taken = new Set((await Array.fromAsync(Deno.readDir(outDir))).map(({ name }) => name));
  for (let attempt = 0;; attempt++) {
    const name = attempt === 0 ? wanted : `${wanted}_${attempt}`;
    if (!taken.has(name)) return name;
  }
}

/**
 * Turns a folder of copied files into a bundle: manifest and digests are written last, everything is
 * flushed, and one rename gives it its name. Killed before that, the folder has another name than
 * its manifest says and does not verify.
 *
 * @param content The manifest without name and digest; `name` is the one wanted.
 * @returns The bundle's absolute path and its manifest.
 */
export async function publishBundle(
  staging: string,
  outDir: string,
  content: Omit<BundleManifest, "manifest_sha256">,
): Promise<{ folder: string; manifest: BundleManifest }> {
  const name = await freeName(outDir, content.name);
  const manifest = await sealManifest({ ...content, name });
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const encoder = new TextEncoder();
  const sums = sumsText(manifest.files, await sha256Hex(text));
  await writeFlushed(join(staging, SUMS_FILE), encoder.encode(sums));
  await writeFlushed(join(staging, MANIFEST_FILE), encoder.encode(text));
  await syncFolders(staging);
  const folder = join(outDir, name);
  await Deno.rename(staging, folder);
  if (Deno.build.os !== "windows") {
    using opened = await Deno.open(outDir);
    await opened.sync();
  }
  return { folder, manifest };
}
