import { ChainHead } from "./chain.ts";
import { MAX_LINE_BYTES, readLine } from "./entry.ts";
import { AuditChainError, type Fault } from "./fault.ts";
import { type TornTail, visitLines } from "./log_lines.ts";
import { leafHash, sameHash } from "./merkle_tree.ts";
import { type AuditState, STATE_MISSING, type StateFile, treeBeforeLast, treeOf } from "./state.ts";

/** Where an append goes on, and what it found unfinished. */
export interface Resumed {
  head: ChainHead;
  /** Bytes after the last line end, left by a writer that was stopped. */
  torn: TornTail | undefined;
  /** Entries at the end that the state file did not know of. */
  unrecorded: number;
}

/**
 * Takes a log up where its state file says it ended, reading only what came after.
 *
 * Whole lines after that point belong to a writer that was stopped before it could record them:
 * they are followed like any others. Nothing is repaired here.
 *
 * @param initState Accept a log without a state file, after following all of it.
 * @throws {AuditChainError} If log and state do not belong together, or the lines after that point
 * do not follow.
 */
export async function resume(
  path: string,
  stateFile: StateFile,
  { initState = false }: { initState?: boolean } = {},
): Promise<Resumed> {
  const refuse = (fault: Fault): never => {
    throw new AuditChainError(path, fault);
  };
  if (stateFile.status === "invalid") return refuse(stateFile.fault);
  const state = stateFile.status === "ok" ? stateFile.state : undefined;
  const size = await sizeOf(path);
  if (state !== undefined && size < state.file_size) return refuse(truncated(state, size));
  if (state === undefined && size > 0 && !initState) return refuse(STATE_MISSING);

  const recorded = state?.entry_count ?? 0;
  const head = state?.schema_version === 2 && recorded > 0
    ? await headAt(path, state) ?? refuse(rewritten(recorded))
    : new ChainHead();
  let fault: Fault | undefined;
  const torn = size === 0 ? undefined : await visitLines(path, head.at.bytes, (line) => {
    fault = head.accept(line);
    if (head.at.entries === recorded && head.at.lastHash !== state?.last_hash) {
      fault ??= rewritten(recorded);
    }
    return fault === undefined;
  });
  if (fault !== undefined) return refuse(fault);
  const { entries } = head.at;
  if (state !== undefined && entries < recorded) return refuse(truncated(state, size));
  return { head, torn, unrecorded: entries - recorded };
}

function truncated(state: { entry_count: number; file_size: number }, size: number): Fault {
  const detail = `${state.entry_count} entries in ${state.file_size} bytes were recorded, ` +
    `${size} bytes are there`;
  return { kind: "truncated", entry: null, line: null, detail };
}

function rewritten(entry: number): Fault {
  return { kind: "rewritten", entry, line: entry, detail: "the state file recorded another entry" };
}

/** Length of a file, bytes; 0 if there is none. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/**
 * The head a state describes, if the line that ends there is the entry it names: same hash, same
 * place, and the last leaf of the same tree. Nothing before that line is read.
 */
export async function headAt(path: string, state: AuditState): Promise<ChainHead | undefined> {
  if (state.entry_count === 0) return new ChainHead();
  const bytes = await lineBefore(path, state.file_size);
  const line = readLine(bytes);
  if ("defect" in line) return undefined;
  const at = {
    entries: line.seq,
    bytes: state.file_size,
    lastHash: line.computedHash,
    lastPrevHash: line.prevHash,
    lastTs: line.ts,
    predecessorEntries: line.version === 1 ? line.seq : 0,
  };
  const head = new ChainHead(at, treeBeforeLast(state), leafHash(bytes));
  const holds = line.entryHash === line.computedHash && line.entryHash === state.last_hash &&
    line.seq === state.entry_count && line.ts === state.last_ts &&
    sameHash(head.tree().root(), treeOf(state).root());
  return holds ? head : undefined;
}

/** The line that ends at an offset, its end removed; empty if no line ends there. */
async function lineBefore(path: string, offset: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const from = Math.max(0, offset - MAX_LINE_BYTES - 2);
  await file.seek(from, Deno.SeekMode.Start);
  const bytes = new Uint8Array(offset - from);
  for (let at = 0; at < bytes.length;) {
    const read = await file.read(bytes.subarray(at));
    if (read === null) return new Uint8Array();
    at += read;
  }
  const end = bytes.length - 1;
  if (bytes[end] !== 10) return new Uint8Array();
  return bytes.subarray(bytes.lastIndexOf(10, end - 1) + 1, end);
}
