/**
 * Ed25519 keys (RFC 8032) and the forms other tools know them in.
 *
 * @module
 */
import { sha256 } from "./sha256.ts";

/** DER before the 32 bytes of an Ed25519 key (RFC 8410): private in PKCS#8, public in SPKI. */
const PKCS8_PREFIX = Uint8Array.fromHex("302e020100300506032b657004220420");
const SPKI_PREFIX = Uint8Array.fromHex("302a300506032b6570032100");

/** A key that signs. */
export interface SigningKey {
  privateKey: CryptoKey;
  /** 32 bytes. */
  publicKey: Uint8Array<ArrayBuffer>;
}

/** Makes a key: PKCS#8 in PEM, to be kept secret. */
export async function generateKeyPem(): Promise<string> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const der = await crypto.subtle.exportKey("pkcs8", (pair as CryptoKeyPair).privateKey);
  return toPem("PRIVATE KEY", new Uint8Array(der));
}

/**
 * Takes a private key from PKCS#8 in PEM.
 *
 * @throws {TypeError} If it is something else; the message does not repeat it.
 */
export async function parseSigningKey(pem: string): Promise<SigningKey> {
  const der = fromPem("PRIVATE KEY", pem);
  if (!startsWith(der, PKCS8_PREFIX) || der.length !== PKCS8_PREFIX.length + 32) {
    throw new TypeError("Cannot read the private key: it is not Ed25519 in PKCS#8");
  }
  const privateKey = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", privateKey);
  return { privateKey, publicKey: Uint8Array.fromBase64(x!, { alphabet: "base64url" }) };
}

/**
 * Reads a private key from a file that only its owner can read.
 *
 * @throws {TypeError} If group or others may read the file, or it holds no Ed25519 key.
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export async function readSigningKey(path: string): Promise<SigningKey> {
  const { mode } = await Deno.stat(path);
  if (mode !== null && (mode & 0o077) !== 0) {
    const found = (mode & 0o777).toString(8);
    throw new TypeError(`Cannot use key "${path}": its mode is 0${found}, wanted 0600`);
  }
  return await parseSigningKey(await Deno.readTextFile(path));
}

/** Signs bytes: 64 bytes. */
export async function signBytes(
  { privateKey }: SigningKey,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, data));
}

/** Whether a signature over bytes holds under a public key; what is no signature does not. */
export async function verifyBytes(
  publicKey: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  return await crypto.subtle.verify("Ed25519", key, signature, data);
}

/** Public key as SPKI in PEM, the form `openssl` takes. */
export function publicKeyPem(publicKey: Uint8Array): string {
  return toPem("PUBLIC KEY", concat(SPKI_PREFIX, publicKey));
}

/**
 * Takes a public key from SPKI in PEM.
 *
 * @throws {TypeError} If it is not Ed25519.
 */
export function parsePublicKey(pem: string): Uint8Array<ArrayBuffer> {
  const der = fromPem("PUBLIC KEY", pem);
  if (!startsWith(der, SPKI_PREFIX) || der.length !== SPKI_PREFIX.length + 32) {
    throw new TypeError("Cannot read the public key: it is not Ed25519 in SPKI");
  }
  return der.slice(SPKI_PREFIX.length);
}

/** Public key as a line of OpenSSH, for `ssh-keygen` and allowed-signers files (RFC 8709). */
export function sshPublicKey(publicKey: Uint8Array, comment: string): string {
  const type = new TextEncoder().encode("ssh-ed25519");
  const length = (bytes: Uint8Array) => Uint8Array.of(0, 0, 0, bytes.length);
  const blob = concat(length(type), type, length(publicKey), publicKey);
  return `ssh-ed25519 ${blob.toBase64()} ${comment}`;
}

/** SHA-256 of the SPKI form, lower-case hex: the name of a key wherever keys are listed. */
export function keyIdOf(publicKey: Uint8Array): string {
  return sha256(SPKI_PREFIX, publicKey).toHex();
}

/** Joins bytes. */
export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => byte === bytes[i]);
}

function toPem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g)!;
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** The bytes of the one PEM block a text consists of (RFC 7468, strict). */
function fromPem(label: string, pem: string): Uint8Array<ArrayBuffer> {
  const [, body] = pem.trim().replaceAll("\r\n", "\n")
    .match(new RegExp(`^-----BEGIN ${label}-----\n([A-Za-z0-9+/=\n]+)\n-----END ${label}-----$`)) ??
    [];
  if (body === undefined) throw new TypeError(`Cannot read the key: it is not PEM "${label}"`);
  return Uint8Array.fromBase64(body);
}
