/** What a receiver is sent with a webhook. */
export interface SignedCall {
  body: string;
  /** `X-WA-Timestamp`. */
  timestamp: string;
  /** `X-WA-Signature`. */
  signature: string;
}

/** Longest difference of clocks that a receiver should accept, seconds. */
export const SIGNATURE_SKEW_S = 300;

/**
 * Why a webhook is not to be trusted; undefined where it is. This is what receivers should do: check
 * the time, then the signature over time and raw body, in constant time, before anything is parsed.
 *
 * @param nowS Epoch seconds.
 */
export async function signatureFault(
  key: string,
  { body, timestamp, signature }: SignedCall,
  nowS: number,
): Promise<string | undefined> {
  if (!/^\d{1,12}$/.test(timestamp)) return "X-WA-Timestamp is no time";
  const skew = Math.abs(nowS - Number(timestamp));
  if (skew > SIGNATURE_SKEW_S) return `X-WA-Timestamp is ${Math.round(skew)} s off`;
  const [, hex] = /^sha256=([0-9a-f]{64})$/.exec(signature) ?? [];
  if (hex === undefined) return "X-WA-Signature is no signature";
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle
    .importKey("raw", encoder.encode(key), algorithm, false, ["verify"]);
  const text = encoder.encode(`${timestamp}.${body}`);
  const genuine = await crypto.subtle.verify("HMAC", imported, Uint8Array.fromHex(hex), text);
  return genuine ? undefined : "X-WA-Signature is not of this key and body";
}
