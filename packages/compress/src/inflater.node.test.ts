import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Inflater } from "./inflater.ts";
import { BadData } from "./malformed-data.ts";

const REFUSED = "refused";

/** All that comes out, unless the data is refused. */
function inflate(chunks: readonly Uint8Array[], dictionary?: Uint8Array): Buffer | string {
  const inflater = new Inflater(dictionary);
  const output: Uint8Array[] = [];
  try {
    for (const chunk of chunks) output.push(...inflater.push(chunk));
    output.push(...inflater.finish());
  } catch (fault) {
    if (!(fault instanceof BadData)) throw fault;
    return REFUSED;
  }
  return Buffer.concat(output);
}

/** As `toEqual`, which takes many times as long. */
function expectSame(received: Buffer | string, expected: Buffer | string): void {
  if (typeof received === "string" || typeof expected === "string") expect(received).toBe(expected);
  else expect(received.equals(expected), "the output").toBe(true);
}

/** The same by zlib. */
function judge(data: Uint8Array): Buffer | string {
  try {
    return inflateRawSync(data);
  } catch {
    return REFUSED;
  }
}

const { Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_FILTERED, Z_DEFAULT_STRATEGY } = constants;

/** Bytes with repeats near and far, as compressible as files are. */
const files = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(fc.nat(255), fc.nat(700)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
      fc.constantFrom("the weir ", "sluice gate, ", "\u0000\u0001").map((text) => new TextEncoder().encode(text)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));
const deflated = fc
  .record({
    data: files,
    level: fc.nat(9),
    memLevel: fc.integer({ min: 1, max: 9 }),
    strategy: fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_FILTERED),
  })
  .map(({ data, ...options }) => deflateRawSync(data, options));

describe("Inflater", () => {
  test("gives what zlib gives, for every split", () =>
    fc.assert(
      fc.property(deflated, fc.array(fc.nat(), { maxLength: 6 }), (data, cuts) => {
        const places = [0, ...cuts.map((cut) => cut % (data.length + 1)).sort((a, b) => a - b), data.length];
        const chunks = places.slice(1).map((end, index) => data.subarray(places[index], end));
        const expected = judge(data);
        expectSame(inflate(chunks), expected);
        expectSame(inflate(Array.from(data, (byte) => Uint8Array.of(byte))), expected);
      }),
      { numRuns: 150 },
    ));

  test("accepts and refuses what zlib does, whatever is wrong", () =>
    fc.assert(
      fc.property(deflated, fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 4 }), (data, flips) => {
        const broken = Buffer.concat([data, new Uint8Array(3)]);
        for (const [place, bit] of flips) (broken[place % broken.length] as number) ^= 1 << bit;
        const expected = judge(broken);
        expectSame(inflate([broken]), expected);
        expectSame(inflate([broken.subarray(0, 9), broken.subarray(9)]), expected);
      }),
      { numRuns: 400 },
    ));

  test("accepts and refuses what zlib does, of bytes at random", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(2), (data, type) => {
        if (data.length > 0) data[0] = ((data[0] as number) & ~7) | (type << 1) | 1;
        expectSame(inflate([data]), judge(data));
      }),
      { numRuns: 600 },
    ));

  test("has the distances and lengths of every size", () => {
    const data = Buffer.alloc(400_000);
    let state = 7;
    for (let at = 0; at < data.length; at += 1) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      data[at] = state >>> 16;
    }
    for (let length = 3, at = 40_000; length <= 258; length += 1, at += 1_200) {
      const distance = 1 + ((length * 127) % 32_768);
      for (let index = 0; index < length; index += 1) data[at + index] = data[at + index - distance] as number;
    }
    for (const level of [1, 6, 9]) expectSame(inflate([deflateRawSync(data, { level })]), data);
  });

  test("tells where the data ends", () => {
    const data = deflateRawSync("the weir");
    for (let cut = 0; cut <= data.length; cut += 1) {
      const inflater = new Inflater();
      const all = Buffer.concat([data, Buffer.from("behind")]);
      const output = [...inflater.push(all.subarray(0, cut)), ...inflater.push(all.subarray(cut))];
      expect(Buffer.concat(output).toString()).toBe("the weir");
      expect(Buffer.from(inflater.rest ?? "").toString()).toBe("behind");
      expect(inflater.consumed).toBe(data.length);
    }
  });

  test("tells how far the data was good", () => {
    const data = deflateRawSync(Buffer.alloc(1_000), { level: 0 });
    data[3] = 0;
    const inflater = new Inflater();
    expect(() => [...inflater.push(data)]).toThrow("complement");
    expect(inflater.consumed).toBe(5);
  });

  test("refers to a dictionary, of which the last 32 KiB count", () => {
    const dictionary = Buffer.from(Array.from({ length: 40_000 }, (_, index) => (index * index) >> 5));
    const data = deflateRawSync(dictionary.subarray(-32_000, -31_000), { dictionary });
    expect(data.length).toBeLessThan(40);
    expectSame(inflate([data], dictionary), dictionary.subarray(-32_000, -31_000));
    expect(inflate([data])).toBe(REFUSED);
  });

  test("inflates no further than it is asked to", () => {
    const bomb = deflateRawSync(Buffer.alloc(1 << 26));
    const output = new Inflater().push(bomb);
    expect(output.next().value?.length).toBeLessThan(66_000);
    expect(output.next().value?.length).toBeLessThan(66_000);
  });
});
