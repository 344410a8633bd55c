/** Why a file could not be taken as text. `malformed` is never reported as `missing`. */
export type UnreadableState = "missing" | "unreadable" | "malformed";

/** The content of a text file, or the precise reason why there is none. */
export type TextFile =
  | { state: "ok"; text: string; bytes: Uint8Array<ArrayBuffer>; bom: boolean }
  | { state: UnreadableState; message: string; bytes?: Uint8Array<ArrayBuffer> };

/** Files above this size are refused instead of filling the memory; 64 MiB. */
export const LARGEST_TEXT_BYTES = 64 << 20;

function isUtf8(bytes: Uint8Array, { cutOff }: { cutOff: boolean }): boolean {
  try {
    // With `stream`, a sequence that is merely cut off at the end is accepted.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: cutOff });
    return true;
  } catch {
    return false;
  }
}

/** Offset of the first sequence that is not UTF-8; found by halving, for the message only. */
export function invalidUtf8At(bytes: Uint8Array): number {
  let low = 0;
  for (let high = bytes.length; low < high;) {
    const middle = Math.ceil((low + high) / 2);
    if (isUtf8(bytes.subarray(0, middle), { cutOff: true })) low = middle;
    else high = middle - 1;
  }
  while (!isUtf8(bytes.subarray(0, low), { cutOff: false })) low--;
  return low;
}

function refusal(error: unknown): { state: UnreadableState; message: string } {
  if (error instanceof Deno.errors.NotFound) return { state: "missing", message: "no such file" };
  if (error instanceof Deno.errors.NotCapable) throw error;
  return { state: "unreadable", message: (error as Error).message };
}

/**
 * Reads a whole text file as UTF-8, strictly: a byte-order mark is removed and reported, any other
 * encoding is refused with the offset of the first wrong byte.
 *
 * Reads synchronously: a gate reads a few small files and waits for each, and the thread pool would
 * cost it more than the reading does.
 *
 * @throws {Deno.errors.NotCapable} If the process was not granted to read it; that is a fault of
 * the call, not of the file.
 */
export function readText(path: string, limit = LARGEST_TEXT_BYTES): TextFile {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const facts = Deno.statSync(path);
    if (!facts.isFile) return { state: "unreadable", message: "is not a regular file" };
    if (facts.size > limit) {
      return { state: "unreadable", message: `is ${facts.size} bytes, limit is ${limit} bytes` };
    }
    bytes = Deno.readFileSync(path);
  } catch (error) {
    return refusal(error);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const bom = text.startsWith("\uFEFF");
    return { state: "ok", text: bom ? text.slice(1) : text, bytes, bom };
  } catch {
    return {
      state: "malformed",
      message: `is not UTF-8: wrong byte at offset ${invalidUtf8At(bytes)}`,
      bytes,
    };
  }
}
