import { deflateRawSync, gunzipSync, inflateRawSync } from "node:zlib";
import { adopt, collectBytes } from "@sluice/streams";
import fc from "fast-check";
import { expect, test } from "vitest";
import { flipBits } from "./corruption.node.test.ts";
import { CompressorStream, DecompressorStream } from "./index.ts";
import { Inflater } from "./inflater.ts";
import { nativeIsStrict } from "./native-classes.ts";

const HOUR = 3_600_000;
// Node 22 has a class that DecompressorStream does not trust.
const strict = await nativeIsStrict(DecompressionStream);
const engines = (["zlib", "native", "fflate"] as const).filter((engine) => engine !== "native" || strict);
const files = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.tuple(fc.nat(255), fc.nat(1_500)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

test.each(engines)(
  "none of the 32,768 bits of a file can be flipped unnoticed by %s",
  { timeout: HOUR },
  async (engine) => {
    const { refused, same } = await flipBits(engine, 1);
    expect(refused + same).toBeGreaterThan(32_768 - 16 * 8);
    // Time (4 bytes), hints, system, and the text flag of the header; and bits of deflate that nothing depends on.
    expect(same).toBeLessThan(100);
  },
);

test("100,000 cases of data at fault: refused as by zlib, or the same", { timeout: HOUR }, () => {
  fc.assert(
    fc.property(files, fc.nat(9), fc.array(fc.tuple(fc.nat(), fc.nat(7)), { maxLength: 3 }), (file, level, flips) => {
      const data = deflateRawSync(file, { level });
      for (const [place, bit] of flips) (data[place % data.length] as number) ^= 1 << bit;
      let expected: Buffer | undefined;
      try {
        expected = inflateRawSync(data);
      } catch {}
      const inflater = new Inflater();
      let received: Buffer | undefined;
      try {
        received = Buffer.concat([...inflater.push(data.subarray(0, 7)), ...inflater.push(data.subarray(7))]);
        for (const _ of inflater.finish());
      } catch {
        received = undefined;
      }
      if (expected === undefined || received === undefined) expect(received).toBe(expected);
      else expect(expected.equals(received)).toBe(true);
    }),
    { numRuns: 100_000 },
  );
});

test.each(engines)("3,000 round trips by %s, at every level and split", { timeout: HOUR }, (engine) =>
  fc.assert(
    fc.asyncProperty(
      files,
      fc.option(fc.nat(9), { nil: undefined }),
      fc.integer({ min: 1, max: 4_000 }),
      async (file, level, size) => {
        const cut = (bytes: Uint8Array<ArrayBuffer>) =>
          Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          );
        const compressor = new CompressorStream("gzip", engine === "native" ? { engine } : { engine, level });
        const compressed = await collectBytes(adopt(cut(file)).pipeThrough(compressor));
        expect(gunzipSync(compressed).equals(file)).toBe(true);
        const output = await collectBytes(
          adopt(cut(compressed)).pipeThrough(new DecompressorStream("gzip", { engine })),
        );
        expect(output).toEqual(file);
      },
    ),
    { numRuns: 3_000 },
  ),
);
