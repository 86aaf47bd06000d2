const POLYNOMIAL = 0xedb88320;

/** Eight tables: the n-th is what a byte does to the checksum n bytes later. */
const tables = Array.from({ length: 8 }, () => new Int32Array(256)) as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
for (let byte = 0; byte < 256; byte += 1) {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  t0[byte] = value;
}
for (let later = 1; later < 8; later += 1) {
  const before = tables[later - 1] as Int32Array;
  for (let byte = 0; byte < 256; byte += 1) {
    const value = before[byte] as number;
    (tables[later] as Int32Array)[byte] = (value >>> 8) ^ (t0[value & 255] as number);
  }
}

/**
 * CRC-32 as gzip has it (RFC 1952, 8), eight bytes a step.
 *
 * @param previous The checksum of what came before.
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  let at = 0;
  for (const last = bytes.length - 8; at <= last; at += 8) {
    crc =
      (t7[(crc ^ (bytes[at] as number)) & 255] as number) ^
      (t6[((crc >>> 8) ^ (bytes[at + 1] as number)) & 255] as number) ^
      (t5[((crc >>> 16) ^ (bytes[at + 2] as number)) & 255] as number) ^
      (t4[(crc >>> 24) ^ (bytes[at + 3] as number)] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number);
  }
  for (; at < bytes.length; at += 1) crc = (t0[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}
