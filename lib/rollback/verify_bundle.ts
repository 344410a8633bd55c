import { walk } from "@std/fs/walk";
import { basename } from "@std/path/basename";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import { describeFault, loadJson } from "../policy/load.ts";
import { sha256File } from "../store/digest.ts";
import {
  type BundleFile,
  BundleManifest,
  MANIFEST_FILE,
  manifestDigest,
  SUMS_FILE,
  sumsText,
} from "./bundle_manifest.ts";

/** A bundle as it was found. `manifest` is there whenever it could be read, faults or not. */
export interface BundleVerification {
  ok: boolean;
  manifest: BundleManifest | undefined;
  /** Files compared with their digests. */
  examined: number;
  /** Sentences that name the file. */
  faults: string[];
}

async function fileFault(
  folder: string,
  { path, size, sha256 }: BundleFile,
): Promise<string | undefined> {
  const absolute = join(folder, path);
  try {
    const facts = await Deno.lstat(absolute);
    if (!facts.isFile) return `${path} is not a regular file`;
    if (facts.size !== size) return `${path} is ${facts.size} bytes, was ${size}`;
    const found = await sha256File(absolute);
    return found.sha256 === sha256 ? undefined : `${path} is not as it was: its digest differs`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return `${path} is missing`;
    }
    throw error;
  }
}

async function strangers(folder: string, manifest: BundleManifest): Promise<string[]> {
  const known = new Set([...manifest.files.map(({ path }) => path), MANIFEST_FILE, SUMS_FILE]);
  const faults: string[] = [];
  for await (const entry of walk(folder, { includeDirs: false, followSymlinks: false })) {
    const path = relative(folder, entry.path).replaceAll("\\", "/");
    if (!known.has(path)) faults.push(`${path} does not belong to the bundle`);
  }
  return faults.sort();
}

async function sumsFault(folder: string, manifest: BundleManifest): Promise<string | undefined> {
  const { sha256 } = await sha256File(join(folder, MANIFEST_FILE));
  try {
    const found = await Deno.readTextFile(join(folder, SUMS_FILE));
    if (found === sumsText(manifest.files, sha256)) return undefined;
    return `${SUMS_FILE} does not say what the manifest says`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `${SUMS_FILE} is missing`;
    throw error;
  }
}

/**
 * Checks a bundle from its files alone: the manifest against its own digest, every file against the
 * manifest, nothing missing and nothing added, and the folder's name against the one it was given.
 *
 * @param folder Absolute path.
 */
export async function verifyBundle(folder: string): Promise<BundleVerification> {
  const loaded = await loadJson(join(folder, MANIFEST_FILE), BundleManifest, {
    shown: MANIFEST_FILE,
  });
  if (loaded.state !== "ok") {
    const faults = loaded.faults.map((fault) => describeFault(MANIFEST_FILE, fault));
    return { ok: false, manifest: undefined, examined: 0, faults };
  }
  const manifest = loaded.value;
  const faults: string[] = [];
  if (await manifestDigest(manifest) !== manifest.manifest_sha256) {
    faults.push(`${MANIFEST_FILE} is not as it was: its digest differs`);
  }
  if (basename(folder) !== manifest.name) {
    faults.push(`the folder is named ${basename(folder)}, was ${manifest.name}`);
  }
  for (const file of manifest.files) faults.push(...[await fileFault(folder, file) ?? []].flat());
  faults.push(...await strangers(folder, manifest));
  faults.push(...[await sumsFault(folder, manifest) ?? []].flat());
  return { ok: faults.length === 0, manifest, examined: manifest.files.length, faults };
}
