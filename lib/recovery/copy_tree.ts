import { join } from "@std/path/join";
import { writeFlushed } from "../rollback/copy_sources.ts";
import { sha256Hex } from "../store/digest.ts";
import { pooled } from "../store/pooled.ts";

/** Larger files are copied as a stream, so that memory does not grow with them, bytes. */
const STREAM_FROM_BYTES = 4 << 20;

/** Files copied at a time: flushing them together costs little more than flushing one. */
const AT_A_TIME = 8;

/** What is to be copied; looks at a tree and rows of a manifest both are. */
export type CopyRow =
  | { type: "file"; path: string; mode: number; size: number; mtime_ms: number }
  | { type: "folder"; path: string; mode: number }
  | { type: "link"; path: string; target: string };

/** Digest and size of the very bytes that were written. */
export interface CopiedFile {
  sha256: string;
  size: number;
}

/** Where a tree is copied from and to; both absolute, and `to` must exist and be empty. */
export interface CopyOrder {
  from: string;
  to: string;
  rows: readonly CopyRow[];
  signal: AbortSignal;
  /** Called after each file. */
  onCopied?: (path: string) => void;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

async function streamFile(from: string, to: string, signal: AbortSignal): Promise<CopiedFile> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  using source = await Deno.open(from);
  using target = await Deno.open(to, { write: true, createNew: true, mode: 0o600 });
  const buffer = new Uint8Array(1 << 20);
  let size = 0;
  for (let n = await source.read(buffer); n !== null; n = await source.read(buffer)) {
    signal.throwIfAborted();
    const part = buffer.subarray(0, n);
    hash.update(part);
    await writeAll(target, part);
    size += n;
  }
  await target.sync();
  return { sha256: hash.digest("hex"), size };
}

/** Copies one file with its permission bits and its time, and flushes it. */
export async function copyFile(
  from: string,
  to: string,
  { size, mode, mtime_ms }: { size: number; mode: number; mtime_ms: number },
  signal: AbortSignal,
): Promise<CopiedFile> {
  let copied: CopiedFile;
  if (size > STREAM_FROM_BYTES) copied = await streamFile(from, to, signal);
  else {
    const bytes = await Deno.readFile(from);
    await writeFlushed(to, bytes);
    copied = { sha256: await sha256Hex(bytes), size: bytes.length };
  }
  if (Deno.build.os !== "windows") await Deno.chmod(to, mode);
  const time = new Date(mtime_ms);
  await Deno.utime(to, time, time);
  return copied;
}

/** Reading may fail file by file; that the copy cannot be written is another matter. */
function isReadFault(error: unknown, source: string): boolean {
  const known = error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.IsADirectory;
  return known && error.message.includes(source);
}

/** How a sentence about a file ends that was there when the tree was looked at. */
export const GONE = " went away while it was copied";

function readFault(path: string, error: unknown): string {
  return error instanceof Deno.errors.PermissionDenied
    ? `${path} may not be read`
    : `${path}${GONE}`;
}

type FileRow = Extract<CopyRow, { type: "file" }>;

/** Copies files side by side; when it throws, nothing is being written any more. */
async function copyFiles(
  { from, to, rows, signal, onCopied }: Omit<CopyOrder, "rows"> & { rows: readonly FileRow[] },
): Promise<{ copied: Map<string, CopiedFile>; faults: string[] }> {
  const copied = new Map<string, CopiedFile>();
  const faults: string[] = [];
  await pooled(rows, AT_A_TIME, async (row) => {
    const source = join(from, row.path);
    try {
      signal.throwIfAborted();
      copied.set(row.path, await copyFile(source, join(to, row.path), row, signal));
    } catch (error) {
      if (!isReadFault(error, source)) throw error;
      faults.push(readFault(row.path, error));
    }
    onCopied?.(row.path);
  });
  return { copied, faults: faults.sort() };
}

/**
 * Copies a tree with permission bits, file times and links. Owner, extended attributes and hard
 * links are not kept: two names of one file become two files.
 *
 * @returns What was written, by path, and sentences about what could not be read.
 */
export async function copyTree(
  order: CopyOrder,
): Promise<{ copied: Map<string, CopiedFile>; faults: string[] }> {
  const { to } = order;
  const rows = order.rows.toSorted((a, b) => a.path < b.path ? -1 : 1); // folders before content
  for (const row of rows) {
    const target = join(to, row.path);
    if (row.type === "folder") await Deno.mkdir(target, { recursive: true, mode: 0o700 });
    else if (row.type === "link") await Deno.symlink(row.target, target);
  }
  const files = rows.filter((row) => row.type === "file");
  const result = await copyFiles({ ...order, rows: files });
  for (const row of rows.reverse()) { // at last: a folder's bits may forbid writing into it
    if (row.type === "folder" && Deno.build.os !== "windows") {
      await Deno.chmod(join(to, row.path), row.mode);
    }
  }
  return result;
}

/** Removes a tree, also where the bits of a folder forbid it. */
export async function removeTree(top: string): Promise<void> {
  try {
    await Deno.remove(top, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    await openFolders(top);
    await Deno.remove(top, { recursive: true });
  }
}

async function openFolders(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o700);
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await openFolders(join(folder, name));
  }
}
