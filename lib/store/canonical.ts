import canonicalize from "canonicalize";

/**
 * The one byte form of a JSON value that digests and signatures are made over (RFC 8785, JCS).
 *
 * @throws {TypeError} If the value has no JSON form (`undefined`, a function, a lone surrogate,
 * `NaN` or an infinity).
 */
export function canonicalJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new TypeError(`Cannot canonicalise: ${(cause as Error).message}`, { cause });
  }
  if (text === undefined) throw new TypeError("Cannot canonicalise: the value has no JSON form");
  return text;
}
