import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { sha256Hex } from "../store/digest.ts";
import { LARGEST_TEXT_BYTES } from "../store/read_text.ts";
import type { BundleFile } from "./bundle_manifest.ts";
import type { BundleSource } from "./bundle_sources.ts";
import { findSecret } from "./find_secret.ts";

/** What became of a source; `files` of the report. */
export interface InventoryRow extends BundleSource {
  exists: boolean;
  copied: boolean;
  /** Bytes, and their digest, of what was copied. */
  size: number;
  sha256: string;
  /** Why it was not copied; empty when it was. */
  reason: string;
}

/** Writes a file and flushes it. */
export async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.sync();
}

type Read =
  | { bytes: Uint8Array<ArrayBuffer> }
  | { exists: boolean; reason: string };

async function readSource(path: string): Promise<Read> {
  try {
    const facts = await Deno.lstat(path);
    if (facts.isSymlink) return { exists: true, reason: "is a link, and links are not followed" };
    if (!facts.isFile) return { exists: true, reason: "is not a regular file" };
    if (facts.size > LARGEST_TEXT_BYTES) {
      const reason = `is ${facts.size} bytes, limit is ${LARGEST_TEXT_BYTES} bytes`;
      return { exists: true, reason };
    }
    return { bytes: await Deno.readFile(path) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return { exists: false, reason: "does not exist" };
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      return { exists: true, reason: "may not be read" };
    }
    throw error;
  }
}

async function copyOne(
  root: string,
  folder: string,
  source: BundleSource,
  secrets: readonly string[],
): Promise<InventoryRow> {
  const row = { ...source, exists: true, copied: false, size: 0, sha256: "", reason: "" };
  const read = await readSource(join(root, source.path));
  if ("reason" in read) return { ...row, ...read };
  const { bytes } = read;
  const secret = findSecret(new TextDecoder().decode(bytes), secrets);
  if (secret !== undefined) {
    return { ...row, reason: `holds a secret: ${secret.rule} in line ${secret.line}` };
  }
  await writeFlushed(join(folder, source.path), bytes);
  return { ...row, copied: true, size: bytes.length, sha256: await sha256Hex(bytes) };
}

/**
 * Copies sources into a folder. The digest is of the very bytes that were written, so a source that
 * grows meanwhile cannot make them disagree. What holds a secret is left out.
 */
export async function copySources(
  root: string,
  folder: string,
  sources: readonly BundleSource[],
  secrets: readonly string[],
): Promise<InventoryRow[]> {
  const rows: InventoryRow[] = [];
  for (const source of sources) rows.push(await copyOne(root, folder, source, secrets));
  return rows;
}

/** The rows of a manifest for what was copied. */
export function copiedFiles(rows: readonly InventoryRow[]): BundleFile[] {
  return rows.filter((row) => row.copied)
    .map(({ path, group, size, sha256 }) => ({ path, group, size, sha256 }));
}
