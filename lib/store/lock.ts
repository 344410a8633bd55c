import { dirname } from "@std/path/dirname";
import { isAbsolute } from "@std/path/is-absolute";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";

/** Another process holds the lock and did not let go within the time allowed. */
export class LockBusyError extends Error {
  override name = "LockBusyError";
  constructor(readonly path: string, readonly holder: string, waitedMs: number) {
    super(`Cannot lock "${path}": held by ${holder}, waited ${(waitedMs / 1000).toFixed(1)} s`);
  }
}

/**
 * The lock file for a resource: under `.data/locks` of the governed root, so that the resource's
 * own folder and `git status` stay clean; beside the resource when it lies outside the root.
 */
export function lockPathFor(root: string, resource: string): string {
  const inside = relative(root, resource);
  if (inside.startsWith("..") || isAbsolute(inside)) return `${resource}.lock`;
  return join(root, ".data", "locks", `${inside.replaceAll(/[\\/]/g, "__")}.lock`);
}

/** What the operator is told about the holder; never trusted for anything else. */
function readHolder(path: string): string {
  const text = Deno.readTextFileSync(path).trim();
  return text === "" ? "an unnamed process" : text.slice(0, 200);
}

/**
 * Runs `work` while holding an exclusive advisory lock (`flock`), which the operating system
 * releases when the process ends in any way, so there is no stale lock to clean up.
 *
 * The lock file itself is never removed: removing it would let two processes each lock their own.
 *
 * @param waitMs How long to wait for another holder, milliseconds.
 * @param purpose Shown to whoever waits, such as `release_channel_control set`.
 * @throws {LockBusyError} If the lock was not free in time; `work` did not start.
 */
export async function withLock<T>(
  path: string,
  { waitMs, purpose, onWait }: {
    waitMs: number;
    purpose: string;
    onWait?: (holder: string) => void;
  },
  work: () => Promise<T>,
): Promise<T> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { read: true, write: true, create: true });
  const start = performance.now();
  for (let told = false; !(await file.tryLock(true));) {
    const waited = performance.now() - start;
    if (waited >= waitMs) throw new LockBusyError(path, readHolder(path), waited);
    if (!told) onWait?.(readHolder(path));
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20));
  }
  const holder = `${purpose}, process ${Deno.pid}, since ${new Date().toISOString()}\n`;
  await file.truncate(0);
  await file.write(new TextEncoder().encode(holder));
  try {
    return await work();
  } finally {
    await file.truncate(0);
    await file.unlock();
  }
}
