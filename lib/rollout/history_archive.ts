import { writeAtomic } from "../store/write_atomic.ts";
import { type Channels, ChannelsError, type HistoryRow } from "./channels.ts";

/** Above this many rows the oldest leave the registry. */
export const HISTORY_LIMIT = 300;
/** Rows that stay; archiving a third at once keeps it rare. */
const HISTORY_KEPT = 200;

/** Where old history rows go: `release_channels.history.ndjson` beside the registry. */
export function historyArchivePath(registryPath: string): string {
  return `${registryPath.replace(/\.json$/, "")}.history.ndjson`;
}

/** One line of the archive. Ordinals count from 0 over the whole life of the registry. */
interface ArchivedRow {
  ordinal: number;
  row: HistoryRow;
}

async function readArchiveText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/**
 * All archived rows, oldest first.
 *
 * @throws {ChannelsError} With state `malformed`, if a line is not the row that belongs there.
 */
export async function readHistoryArchive(registryPath: string): Promise<HistoryRow[]> {
  const path = historyArchivePath(registryPath);
  const lines = (await readArchiveText(path)).split("\n").filter((line) => line !== "");
  return lines.map((line, ordinal) => {
    let archived: Partial<ArchivedRow>;
    try {
      archived = JSON.parse(line) as Partial<ArchivedRow>;
    } catch (cause) {
      throw new ChannelsError("malformed", path, `/${ordinal}`, "line is not JSON", { cause });
    }
    if (archived.ordinal !== ordinal || typeof archived.row?.action !== "string") {
      throw new ChannelsError("malformed", path, `/${ordinal}`, "line is out of order");
    }
    return archived.row;
  });
}

/**
 * Moves the oldest rows to the archive when the registry holds more than {@linkcode HISTORY_LIMIT}.
 *
 * The archive is replaced before the registry is. After a crash in between, the rows are in both
 * places; because each carries its ordinal, the next call writes the same archive again.
 *
 * @returns The registry without the archived rows, and how many went.
 * @throws {ChannelsError} If the archive is malformed or shorter than the registry says.
 */
export async function archiveHistory(
  registryPath: string,
  store: Channels,
): Promise<{ store: Channels; archived: number }> {
  const surplus = store.history.length <= HISTORY_LIMIT ? 0 : store.history.length - HISTORY_KEPT;
  if (surplus === 0) return { store, archived: 0 };
  const already = store.history_archived ?? 0;
  const earlier = await readHistoryArchive(registryPath);
  const path = historyArchivePath(registryPath);
  if (earlier.length < already) {
    const detail = `holds ${earlier.length} rows, the registry says ${already}`;
    throw new ChannelsError("malformed", path, "", detail);
  }
  const rows = [...earlier.slice(0, already), ...store.history.slice(0, surplus)];
  const lines = rows.map((row, ordinal) => JSON.stringify({ ordinal, row } satisfies ArchivedRow));
  await writeAtomic(path, `${lines.join("\n")}\n`);
  return {
    store: {
      ...store,
      history: store.history.slice(surplus),
      history_archived: already + surplus,
    },
    archived: surplus,
  };
}
