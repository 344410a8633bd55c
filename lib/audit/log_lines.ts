import { MAX_LINE_BYTES } from "./entry.ts";

const CHUNK_BYTES = 1 << 20;
const LF = 10;

/** What stands after the last line end: an append that did not finish. */
export interface TornTail {
  /** Where it begins, bytes. */
  offset: number;
  /** Bytes. */
  length: number;
}

/**
 * Visits a log from an offset on in runs of whole lines, holding one chunk in memory.
 *
 * Of a line that is too long, just enough is passed on to show that it is. The bytes are only
 * valid during the visit.
 *
 * @param visit Takes one or more lines with their ends; returns `false` to stop.
 * @param until Where the log is taken to end, bytes.
 * @returns The unfinished line at the end, if there is one and the visit got there.
 * @throws {Deno.errors.NotFound} If there is no log.
 */
export async function visitRuns(
  path: string,
  offset: number,
  visit: (lines: Uint8Array) => boolean,
  until = Infinity,
): Promise<TornTail | undefined> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  const buffer = new Uint8Array(CHUNK_BYTES + MAX_LINE_BYTES + 1);
  let held = 0; // bytes of an unfinished line at the start of the buffer
  let start = offset; // where that line begins in the file
  let at = offset;
  for (;;) {
    const room = Math.min(CHUNK_BYTES, until - at);
    const read = room > 0 ? await file.read(buffer.subarray(held, held + room)) : null;
    if (read === null) break;
    at += read;
    const end = held + read;
    const whole = buffer.lastIndexOf(LF, end - 1) + 1;
    if (whole > 0) {
      if (!visit(buffer.subarray(0, whole))) return undefined;
      start = at - (end - whole);
    }
    held = Math.min(end - whole, MAX_LINE_BYTES + 1);
    buffer.copyWithin(0, whole, whole + held);
  }
  return at > start ? { offset: start, length: at - start } : undefined;
}

/**
 * Visits the lines of a log one by one, ends removed; otherwise as `visitRuns`.
 *
 * @param visit Returns `false` to stop.
 */
export function visitLines(
  path: string,
  offset: number,
  visit: (line: Uint8Array) => boolean,
  until = Infinity,
): Promise<TornTail | undefined> {
  return visitRuns(path, offset, (lines) => {
    for (let from = 0; from < lines.length;) {
      const end = lines.indexOf(LF, from);
      if (!visit(lines.subarray(from, end))) return false;
      from = end + 1;
    }
    return true;
  }, until);
}
