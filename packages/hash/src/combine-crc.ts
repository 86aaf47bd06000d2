import { shift } from "./_polynomial.ts";
import { describe, fromHex } from "./_text.ts";
import { ALGORITHMS, type Algorithm } from "./algorithm.ts";
import { createDigest, type Digest } from "./digest.ts";

/** The checksums whose values can be combined. */
export type CrcAlgorithm = "crc32" | "crc32c" | "crc64nvme";

/**
 * The CRC of two runs of bytes in a row, from the CRC of each: the checksum of a whole object from those of its parts,
 * hashed in any order and anywhere.
 *
 * @param first Of the bytes before; a digest, its hexadecimal, or its bytes.
 * @param second Of the bytes after.
 * @param secondLength How many bytes those were.
 * @throws {TypeError} for a wrong kind of argument. {RangeError} for an algorithm that is no CRC, a value of the wrong
 *   length, or a length that is no integer of 0 or more.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { combineCrc } from "@sluice/hash";
 *
 * // Of "12345" and "6789": the CRC of "123456789".
 * assert.equal(combineCrc("crc32", "cbf53a1c", "9dbabf87", 4).hex, "cbf43926");
 * ```
 */
export function combineCrc(
  algorithm: CrcAlgorithm,
  first: Digest | string | Uint8Array,
  second: Digest | string | Uint8Array,
  secondLength: number,
): Digest {
  const known = ALGORITHMS[algorithm as Algorithm]?.polynomial;
  if (!known) {
    throw new RangeError(
      `Cannot combine CRCs: "algorithm" must be one of crc32, crc32c, crc64nvme, received ${JSON.stringify(algorithm)}`,
    );
  }
  if (typeof secondLength !== "number") {
    throw new TypeError(`Cannot combine CRCs: "secondLength" must be a number, received ${describe(secondLength)}`);
  }
  if (!Number.isSafeInteger(secondLength) || secondLength < 0) {
    throw new RangeError(`Cannot combine CRCs: "secondLength" must be an integer >= 0, received ${secondLength}`);
  }
  const before = bytesOf(algorithm, "first", first);
  const after = bytesOf(algorithm, "second", second);
  return createDigest(algorithm, combineValues(algorithm, before, after, secondLength));
}

/** The same over the bytes of the values. */
export function combineValues(
  algorithm: Algorithm,
  first: Uint8Array,
  second: Uint8Array,
  secondLength: number,
): Uint8Array<ArrayBuffer> {
  const { polynomial, length } = ALGORITHMS[algorithm];
  if (!polynomial) throw new TypeError(`Cannot combine values of ${algorithm}: it is no CRC`);
  const shifted = shift(
    { high: length === 8 ? wordAt(first, 0) : 0, low: wordAt(first, length - 4) },
    secondLength,
    polynomial,
  );
  // Typed arrays are most of what this costs: one, and no DataView.
  const sum = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) {
    const word = length === 8 && index < 4 ? shifted.high : shifted.low;
    sum[index] = (second[index] as number) ^ (word >>> (24 - 8 * (index % 4)));
  }
  return sum;
}

function wordAt(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let index = at; index < at + 4; index += 1) word = (word << 8) | (bytes[index] as number);
  return word >>> 0;
}

function bytesOf(algorithm: CrcAlgorithm, argument: string, given: Digest | string | Uint8Array): Uint8Array {
  const { length } = ALGORITHMS[algorithm];
  const isDigest = typeof given === "object" && given !== null && "bytes" in given;
  if (isDigest && given.algorithm !== algorithm) {
    throw new RangeError(`Cannot combine CRCs: "${argument}" must be of ${algorithm}, received ${given.algorithm}`);
  }
  const bytes = isDigest ? given.bytes : typeof given === "string" ? fromHex(given) : given;
  if (bytes !== undefined && !(bytes instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot combine CRCs: "${argument}" must be a digest, hexadecimal text or a Uint8Array, received ${describe(given)}`,
    );
  }
  if (bytes?.length !== length) {
    const received = typeof given === "string" ? JSON.stringify(given) : `${bytes?.length} bytes`;
    throw new RangeError(
      `Cannot combine CRCs: "${argument}" must be ${length} bytes, or ${2 * length} hexadecimal digits, received ${received}`,
    );
  }
  return bytes;
}
