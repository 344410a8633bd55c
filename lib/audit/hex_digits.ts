/** The four lower-case hexadecimal digits of 16 bits, as the big-endian word they are in a text. */
export function hexDigits(bits: number): number {
  const pairs = (bits & 0xff00) << 8 | bits & 0xff;
  const nibbles = (pairs & 0xf0_00f0) << 4 | pairs & 0x0f_000f;
  const letters = (nibbles + 0x06060606) >> 4 & 0x01010101; // 1 for each of a to f
  return nibbles + 0x30303030 + letters * 39;
}
