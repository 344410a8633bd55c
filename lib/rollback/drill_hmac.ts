/** Shorter keys can be guessed, bytes. */
export const SHORTEST_KEY_BYTES = 32;

async function importKey(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret.trim());
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}

/** HMAC-SHA256 over text (UTF-8), lower-case hex. The key is the text of the secret, trimmed. */
export async function hmacHex(secret: string, text: string): Promise<string> {
  const data = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.sign("HMAC", await importKey(secret), data)).toHex();
}

/** Whether a signature in hex holds; compares in constant time. */
export async function hmacHolds(secret: string, text: string, hex: string): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(hex)) return false;
  const key = await importKey(secret);
  const signature = Uint8Array.fromHex(hex);
  return await crypto.subtle.verify("HMAC", key, signature, new TextEncoder().encode(text));
}

/** Length of a key in bytes, as it is used. */
export function keyBytes(secret: string): number {
  return new TextEncoder().encode(secret.trim()).length;
}
