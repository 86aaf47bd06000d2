const MODULUS = 65_521;
/** So many bytes can be added before a sum leaves 32 bits; zlib's NMAX, cut to whole steps of 8. */
const RUN = 5_552;

/**
 * Adler-32 (RFC 1950, 8.2).
 *
 * @param previous The checksum of what came before.
 */
export function adler32(bytes: Uint8Array, previous = 1): number {
  let a = previous & 0xffff;
  let b = previous >>> 16;
  for (let at = 0; at < bytes.length; ) {
    const stop = Math.min(at + RUN, bytes.length);
    for (const last = stop - 8; at <= last; at += 8) {
      b += a += bytes[at] as number;
      b += a += bytes[at + 1] as number;
      b += a += bytes[at + 2] as number;
      b += a += bytes[at + 3] as number;
      b += a += bytes[at + 4] as number;
      b += a += bytes[at + 5] as number;
      b += a += bytes[at + 6] as number;
      b += a += bytes[at + 7] as number;
    }
    for (; at < stop; at += 1) b += a += bytes[at] as number;
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}
