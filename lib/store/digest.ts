/** SHA-256 of text (as UTF-8) or bytes, lower-case hex. */
export async function sha256Hex(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Above this many bytes a file is hashed as a stream, so that memory does not grow with it. */
const STREAM_FROM_BYTES = 4 << 20;

/** SHA-256 of a file, lower-case hex, with its size in bytes. */
export async function sha256File(path: string): Promise<{ sha256: string; size: number }> {
  const { size } = await Deno.stat(path);
  if (size <= STREAM_FROM_BYTES) {
    const bytes = await Deno.readFile(path);
    return { sha256: await sha256Hex(bytes), size: bytes.length };
  }
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  let read = 0;
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (let n = await file.read(buffer); n !== null; n = await file.read(buffer)) {
    hash.update(buffer.subarray(0, n));
    read += n;
  }
  return { sha256: hash.digest("hex"), size: read };
}
