import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CrcAlgorithm, combineCrc, createHasher, type Digest } from "./index.ts";

async function crcOf(algorithm: CrcAlgorithm, bytes: Uint8Array): Promise<Digest> {
  const hasher = await createHasher(algorithm);
  hasher.update(bytes);
  return hasher.digest();
}

describe.each(["crc32", "crc32c", "crc64nvme"] as const)("combineCrc(%s)", (algorithm) => {
  test("equals the serial value for any parts, empty ones included", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2000 }), { minLength: 1, maxLength: 8 }), async (parts) => {
        const whole = await createHasher(algorithm);
        let combined = await crcOf(algorithm, new Uint8Array(0));
        for (const part of parts) {
          whole.update(part);
          combined = combineCrc(algorithm, combined, await crcOf(algorithm, part), part.length);
        }
        expect(combined).toEqual(whole.digest());
      }),
      { numRuns: 200 },
    );
  });

  test("does not depend on the order of combining, at any length", () => {
    const size = algorithm === "crc64nvme" ? 8 : 4;
    const value = fc.uint8Array({ minLength: size, maxLength: size });
    const length = fc.maxSafeNat().map((length) => Math.floor(length / 2));
    fc.assert(
      fc.property(value, value, value, length, length, (a, b, c, bLength, cLength) => {
        const left = combineCrc(algorithm, combineCrc(algorithm, a, b, bLength), c, cLength);
        const right = combineCrc(algorithm, a, combineCrc(algorithm, b, c, cLength), bLength + cLength);
        expect(left.hex).toBe(right.hex);
      }),
    );
  });

  test("takes a digest, hexadecimal in either case, or bytes", async () => {
    const first = await crcOf(algorithm, Uint8Array.of(1, 2));
    const second = await crcOf(algorithm, Uint8Array.of(3));
    const expected = await crcOf(algorithm, Uint8Array.of(1, 2, 3));
    expect(combineCrc(algorithm, first.hex.toUpperCase(), second.bytes, 1)).toEqual(expected);
    expect(combineCrc(algorithm, first.bytes, second, 1)).toEqual(expected);
    // A view into the middle of a buffer.
    const padded = new Uint8Array(32);
    padded.set(first.bytes, 5);
    expect(combineCrc(algorithm, padded.subarray(5, 5 + first.bytes.length), second, 1)).toEqual(expected);
  });
});

test("combineCrc says what is wrong with its arguments", () => {
  const bad = (algorithm: unknown, first: unknown, second: unknown, length: unknown) => () =>
    combineCrc(algorithm as CrcAlgorithm, first as string, second as string, length as number);
  expect(bad("sha256", "00000000", "00000000", 1)).toThrow(
    new RangeError('Cannot combine CRCs: "algorithm" must be one of crc32, crc32c, crc64nvme, received "sha256"'),
  );
  expect(bad("toString", "00000000", "00000000", 1)).toThrow(RangeError);
  expect(bad("crc32", "0000000", "00000000", 1)).toThrow(
    new RangeError('Cannot combine CRCs: "first" must be 4 bytes, or 8 hexadecimal digits, received "0000000"'),
  );
  expect(bad("crc32", "00000000", new Uint8Array(8), 1)).toThrow('"second" must be 4 bytes');
  expect(bad("crc32", 1, "00000000", 1)).toThrow(TypeError);
  expect(bad("crc32", null, "00000000", 1)).toThrow(TypeError);
  expect(bad("crc32", "00000000", "00000000", "1")).toThrow(TypeError);
  for (const length of [-1, 1.5, Number.NaN, 2 ** 53]) {
    expect(bad("crc32", "00000000", "00000000", length)).toThrow(RangeError);
  }
  const foreign = { algorithm: "crc32c", bytes: new Uint8Array(4), hex: "00000000", base64: "AAAAAA==" };
  expect(bad("crc32", foreign, "00000000", 1)).toThrow('"first" must be of crc32, received crc32c');
});
