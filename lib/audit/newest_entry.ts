/** Bytes that are read at a time, from the end. */
const WINDOW_BYTES = 1 << 18;

/**
 * The newest entry that fits, looked for from the end of a log that has been verified.
 *
 * @param end Length of the verified part, bytes.
 */
export async function newestEntry(
  path: string,
  end: number,
  fits: (entry: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown> | undefined> {
  if (end === 0) return undefined;
  using file = await Deno.open(path);
  let rest = new Uint8Array();
  for (let at = end; at > 0;) {
    const from = Math.max(0, at - WINDOW_BYTES);
    const bytes = new Uint8Array(at - from + rest.length);
    await file.seek(from, Deno.SeekMode.Start);
    for (let filled = 0; filled < at - from;) {
      const read = await file.read(bytes.subarray(filled, at - from));
      if (read === null) return undefined;
      filled += read;
    }
    bytes.set(rest, at - from);
    const begin = from === 0 ? 0 : bytes.indexOf(10) + 1;
    const lines = new TextDecoder().decode(bytes.subarray(begin)).split("\n");
    for (const line of lines.reverse()) {
      if (line === "") continue;
      const entry = JSON.parse(line);
      if (fits(entry)) return entry;
    }
    rest = bytes.slice(0, begin);
    at = from;
  }
  return undefined;
}
