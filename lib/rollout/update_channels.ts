import { lockPathFor, withLock } from "../store/lock.ts";
import { writeAtomic } from "../store/write_atomic.ts";
import {
  type Channels,
  parseChannels,
  type ReadChannels,
  readChannelsWithDigest,
  RevisionConflictError,
  revisionOf,
} from "./channels.ts";
import { archiveHistory } from "./history_archive.ts";

/** How to update. */
export interface UpdateOptions {
  /** Revision the change was planned on; compared under the lock. */
  expectRevision?: number;
  /** SHA-256 the change was planned on; finds edits by hand, which leave the revision as it was. */
  expectSha256?: string;
  /** How long to wait for another writer, milliseconds; default 10 000. */
  waitMs?: number;
  /** Shown to whoever waits for the lock, such as `release_channel_control set`. */
  purpose: string;
  /** Time of the change, epoch seconds. */
  nowS: number;
}

/** What an update did. `after` is `before` itself when nothing was written. */
export interface Updated {
  before: Channels;
  after: Channels;
  /** History rows moved to the archive file. */
  archived: number;
}

/** A writer that forgets something must fail its own tests, not lose a row in production. */
function refuseLoss(before: Channels, after: Channels): void {
  const lost = before.history.findIndex((row, at) => after.history[at] !== row);
  if (lost >= 0) throw new TypeError(`Cannot update channels: history row ${lost} was changed`);
  const dropped = [
    ...Object.keys(before).filter((key) => key !== "freeze" && !Object.hasOwn(after, key)),
    ...Object.keys(before.channels).filter((key) => !Object.hasOwn(after.channels, key)),
  ];
  if (dropped.length > 0) throw new TypeError(`Cannot update channels: lost ${dropped.join(", ")}`);
}

function refuseConflict(path: string, read: ReadChannels, options: UpdateOptions): void {
  const found = revisionOf(read.store);
  const { expectRevision, expectSha256 } = options;
  const moved = expectRevision !== undefined && expectRevision !== found;
  const edited = expectSha256 !== undefined && expectSha256 !== read.sha256;
  if (moved || edited) throw new RevisionConflictError(path, expectRevision ?? found, found);
}

/**
 * Changes the registry: lock, read again, compare the revision, change, archive old history,
 * replace the file atomically. Every writer of the registry goes through here.
 *
 * @param root Governed root; the lock lives under its `.data/locks`.
 * @param change Returns the new registry, or the one it was given to write nothing. It is pure and
 * keeps every row and channel; `revision` and `updated_at` are set for it.
 * @throws {ChannelsError} If the registry is missing, malformed or unreadable.
 * @throws {RevisionConflictError} If the revision or the digest is not the expected one.
 * @throws {LockBusyError} If another writer holds the lock for longer than `waitMs`.
 * @throws {TypeError} If `change` loses a row, a channel or a field.
 */
export async function updateChannels(
  root: string,
  path: string,
  options: UpdateOptions,
  change: (store: Channels) => Channels,
): Promise<Updated> {
  const { waitMs = 10_000, purpose } = options;
  return await withLock(lockPathFor(root, path), { waitMs, purpose }, async () => {
    const read = await readChannelsWithDigest(path);
    refuseConflict(path, read, options);
    const before = read.store;
    const changed = change(before);
    if (changed === before) return { before, after: before, archived: 0 };
    refuseLoss(before, changed);
    const next: Channels = {
      ...changed,
      updated_at: Math.max(options.nowS, before.updated_at),
      revision: revisionOf(before) + 1,
    };
    const { store: after, archived } = await archiveHistory(path, next);
    const text = `${JSON.stringify(after, null, 2)}\n`;
    parseChannels(text, path); // what is written can be read back
    await writeAtomic(path, text);
    return { before, after, archived };
  });
}
