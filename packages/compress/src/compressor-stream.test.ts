import { adopt, collectBytes } from "@sluice/streams";
import { describe, expect, test } from "vitest";
import { type CompressionFormat, CompressorStream } from "./index.ts";
import { nativeClasses } from "./native-classes.ts";
import { nodeZlib } from "./node-zlib.ts";
import type { BytesChunk } from "./owned-pieces.ts";

const engines = (["zlib", "native", "fflate"] as const).filter(
  (engine) => engine === "fflate" || (engine === "zlib" ? nodeZlib() : nativeClasses.CompressionStream),
);
const formats = ["gzip", "deflate", "deflate-raw"] as const;
const compress = (stage: CompressorStream, ...chunks: readonly BytesChunk[]) =>
  collectBytes(adopt(chunks).pipeThrough(stage));
/** Judged by the platform. */
const decompress = async (format: CompressionFormat, data: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(
    await new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream(format))).arrayBuffer(),
  );

/** The place of the first difference, or -1: `toEqual` of two arrays of 200,000 bytes takes 50 ms. */
const differ = (one: Uint8Array, other: Uint8Array) =>
  one.length === other.length ? one.findIndex((byte, at) => byte !== other[at]) : Math.min(one.length, other.length);

let state = 1;
/** Compressible, the same every time, and nothing that zlib searches long for matches in. */
const content = Uint8Array.from({ length: 300_000 }, (_, index) => {
  if (index % 3 === 0) state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return (state >>> 24) & 0x3f;
});
const sample = (size: number) => content.slice(0, size);

describe.each(engines)("CompressorStream by %s", (engine) => {
  test.each(formats)("makes %s that the platform reads", async (format) => {
    for (const size of [0, 1, 1_000, 131_071, 131_072, 131_073, 270_000]) {
      const data = sample(size);
      const stage = new CompressorStream(format, { engine });
      expect(stage.engine).toBe(engine);
      expect(differ(await decompress(format, await compress(stage, data)), data)).toBe(-1);
    }
  });

  test("makes the same of the same bytes, however they come", async () => {
    const data = sample(300_000);
    const whole = await compress(new CompressorStream("gzip", { engine }), data);
    const cuts = [1, 999, 65_536, 131_072, 299_999];
    for (const cut of cuts) {
      const parts = [data.subarray(0, cut), new Uint8Array(0), data.subarray(cut)];
      expect(differ(await compress(new CompressorStream("gzip", { engine }), ...parts), whole)).toBe(-1);
    }
    const small = Array.from({ length: 3_000 }, (_, index) => data.subarray(index * 100, index * 100 + 100));
    expect(differ(await compress(new CompressorStream("gzip", { engine }), ...small), whole)).toBe(-1);
  });

  test("writes no time and no name", async () => {
    const data = await compress(new CompressorStream("gzip", { engine }), sample(10));
    expect([...data.subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  });

  test("fails with a TypeError for what is no bytes", async () => {
    const { readable, writable } = new CompressorStream("gzip", { engine });
    const write = writable.getWriter().write("text" as never);
    const read = readable.getReader().read();
    await expect(write).rejects.toThrow(
      "Cannot compress: a chunk must be an ArrayBuffer or a view of one, received a string",
    );
    await expect(read).rejects.toThrow(TypeError);
  });

  test("reads a chunk that is transferred away while it is being read", async () => {
    const data = crypto.getRandomValues(new Uint8Array(65_536));
    const input = Uint8Array.from({ length: 500_000 }, (_, index) => data[index % 65_000] as number);
    const expected = input.slice();
    const { readable, writable } = new CompressorStream("gzip", { engine });
    const writer = writable.getWriter();
    const writes = [writer.write(input), writer.close()];
    const reader = readable.getReader();
    const output = [(await reader.read()).value as Uint8Array<ArrayBuffer>];
    structuredClone(input, { transfer: [input.buffer] });
    for (let read = await reader.read(); !read.done; read = await reader.read()) output.push(read.value);
    await Promise.all(writes);
    expect(differ(await decompress("gzip", await collectBytes(adopt(output))), expected)).toBe(-1);
  });
});

describe.each(engines.filter((engine) => engine !== "native"))("CompressorStream by %s", (engine) => {
  test("has levels, each of which the platform reads", async () => {
    // More than deflate's window of 32 KiB.
    const data = sample(40_000);
    const sizes: number[] = [];
    for (let level = 0; level <= 9; level += 1) {
      for (const format of formats) {
        const output = await compress(new CompressorStream(format, { engine, level }), data);
        expect(differ(await decompress(format, output), data)).toBe(-1);
        if (format === "gzip") sizes.push(output.length);
      }
    }
    expect(sizes[0]).toBeGreaterThan(data.length);
    expect(sizes[9]).toBeLessThanOrEqual(sizes[1] as number);
  });
});

test.each([
  [["brotli"], TypeError, '"format" must be "gzip", "deflate" or "deflate-raw", received "brotli"'],
  [["gzip", { level: 10 }], RangeError, '"level" must be an integer from 0 to 9, received 10'],
  [["gzip", { level: -1 }], RangeError, '"level" must be an integer from 0 to 9, received -1'],
  [["gzip", { level: 1.5 }], RangeError, '"level" must be an integer from 0 to 9, received 1.5'],
  [["gzip", { level: "9" }], TypeError, '"level" must be an integer from 0 to 9, received "9"'],
  [["gzip", { engine: "native", level: 9 }], RangeError, '"engine" must be "zlib" or "fflate" with "level"'],
  [["gzip", { dictionary: new Uint8Array(1) }], RangeError, '"dictionary" must be left out for "gzip"'],
  [["deflate", { engine: "native", dictionary: new Uint8Array(1) }], RangeError, 'with "dictionary"'],
] as const)("CompressorStream cannot be constructed with %j", (args, kind, message) => {
  const construct = () => new CompressorStream(...(args as unknown as [CompressionFormat]));
  expect(construct).toThrow(kind);
  expect(construct).toThrow(message);
});
