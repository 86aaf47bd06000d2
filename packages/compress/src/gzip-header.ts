import { crc32 } from "./crc32.ts";
import { BadData } from "./malformed-data.ts";

/** Is given one byte after the other, and done when the header is. */
export type HeaderParser = Generator<void, Uint8Array | undefined, number>;

const FHCRC = 1 << 1;
const FEXTRA = 1 << 2;
const FNAME = 1 << 3;
const FCOMMENT = 1 << 4;
const RESERVED = 0b1110_0000;

/** Reads the header of a gzip member (RFC 1952, 2.3), all optional fields included; nothing in it is kept. */
export function* gzipHeader(): HeaderParser {
  const one = new Uint8Array(1);
  let sum = 0;
  function* next(): Generator<void, number, number> {
    one[0] = yield;
    sum = crc32(one, sum);
    return one[0];
  }
  function* text(): Generator<void, void, number> {
    while ((yield* next()) !== 0);
  }

  if ((yield* next()) !== 0x1f || (yield* next()) !== 0x8b) {
    throw new BadData("malformed-data", "a gzip member must begin with 1f 8b");
  }
  const method = yield* next();
  if (method !== 8) throw new BadData("malformed-data", `the method must be 8 (deflate) and is ${method}`);
  const flags = yield* next();
  if (flags & RESERVED) throw new BadData("malformed-data", "reserved flags of the gzip header are set");
  // Time, hints of the compressor, operating system.
  for (let skipped = 0; skipped < 6; skipped += 1) yield* next();
  if (flags & FEXTRA) {
    const size = (yield* next()) | ((yield* next()) << 8);
    for (let skipped = 0; skipped < size; skipped += 1) yield* next();
  }
  if (flags & FNAME) yield* text();
  if (flags & FCOMMENT) yield* text();
  if (flags & FHCRC) {
    const expected = sum & 0xffff;
    const received = (yield) | ((yield) << 8);
    if (received !== expected) throw new BadData("checksum-mismatch", "the checksum of the gzip header is wrong");
  }
  return undefined;
}
