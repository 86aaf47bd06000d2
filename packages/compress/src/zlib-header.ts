import { adler32 } from "./adler32.ts";
import type { HeaderParser } from "./gzip-header.ts";
import { BadData } from "./malformed-data.ts";

const FDICT = 1 << 5;

/**
 * Reads the header of a zlib stream (RFC 1950, 2.2).
 * @returns The dictionary, if the data was compressed with one.
 */
export function* zlibHeader(dictionary: Uint8Array | undefined): HeaderParser {
  const method = yield;
  const flags = yield;
  if ((method * 256 + flags) % 31 !== 0) throw new BadData("malformed-data", "the check of the zlib header is wrong");
  if ((method & 15) !== 8) throw new BadData("malformed-data", `the method must be 8 (deflate) and is ${method & 15}`);
  if (method >> 4 > 7) throw new BadData("malformed-data", "the window is larger than 32 KiB");
  if (!(flags & FDICT)) return undefined;
  let identifier = 0;
  for (let index = 0; index < 4; index += 1) identifier = identifier * 256 + (yield);
  if (!dictionary)
    throw new BadData("malformed-data", 'the data was compressed with a dictionary; give it as "dictionary"');
  if (adler32(dictionary) !== identifier) {
    throw new BadData("malformed-data", 'the data was compressed with another dictionary than "dictionary"');
  }
  return dictionary;
}
