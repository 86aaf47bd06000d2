import { adopt, collectBytes } from "@sluice/streams";
import { describe, expect, test } from "vitest";
import { type CompressionEngine, type CompressionFormat, CompressorStream, DecompressorStream } from "./index.ts";
import { malformedData } from "./malformed-data.ts";
import { nativeClasses, nativeIsStrict } from "./native-classes.ts";
import { nodeZlib } from "./node-zlib.ts";
import type { BytesChunk } from "./owned-pieces.ts";

const Native = nativeClasses.DecompressionStream;
const native = Native !== undefined && (await nativeIsStrict(Native));
const engines = (["zlib", "native", "fflate"] as const).filter(
  (engine) => engine === "fflate" || (engine === "zlib" ? nodeZlib() : native),
);
const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const text = (value: string) => new TextEncoder().encode(value);
const concat = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const decompress = async (stage: DecompressorStream, ...chunks: readonly BytesChunk[]) =>
  new TextDecoder().decode(await collectBytes(adopt(chunks).pipeThrough(stage)));
const compress = (format: CompressionFormat, data: Uint8Array, engine: CompressionEngine = "fflate") =>
  collectBytes(adopt([data]).pipeThrough(new CompressorStream(format, { engine })));

/** "expected output" in the three formats; by zlib 1.2.11, as the web-platform-tests have it. */
const DATA = "4bad28484d2e494d51c82f2d29282d0100";
const vectors = {
  gzip: bytes(`1f8b0800000000000003${DATA}b00139b30f000000`),
  deflate: bytes(`789c${DATA}30ad0624`),
  "deflate-raw": bytes(DATA),
} as const;
const formats = Object.entries(vectors) as [CompressionFormat, Uint8Array][];

describe.each(engines)("DecompressorStream by %s", (engine) => {
  const stage = (format: CompressionFormat = "gzip") => new DecompressorStream(format, { engine });

  test.each(formats)("decompresses %s, whole and byte by byte", async (format, data) => {
    expect(await decompress(stage(format), data)).toBe("expected output");
    const single = Array.from(data, (byte) => Uint8Array.of(byte));
    expect(await decompress(stage(format), ...single)).toBe("expected output");
    expect(await decompress(stage(format), new Uint8Array(0), data, new Uint8Array(0))).toBe("expected output");
  });

  test("tells which engine it is", () => expect(stage().engine).toBe(engine));

  test("reads every optional field of a gzip header, at every split", async () => {
    // Text, header checksum, extra field, name and comment. The checksum is the lower half of the CRC-32 before it.
    const fields = "1f8b081f000000000003" + "0300616263" + "6e616d6500" + "636f6d6d656e7400";
    const header = concat(bytes(fields), await headerSum(bytes(fields)));
    const data = concat(header, vectors.gzip.subarray(10));
    for (let cut = 1; cut < header.length + 1; cut += 1) {
      expect(await decompress(stage(), data.subarray(0, cut), data.subarray(cut))).toBe("expected output");
    }
    data[12] = 0;
    await expect(decompress(stage(), data)).rejects.toMatchObject({
      code: "checksum-mismatch",
      offset: header.length - 1,
    });
  });

  test.each(formats)("refuses %s that is cut short anywhere", async (format, data) => {
    for (let length = 0; length < data.length; length += 1) {
      const error = await decompress(stage(format), data.subarray(0, length)).catch((reason) => reason);
      expect(error.constructor).toBe(TypeError);
      expect(error).toMatchObject({ retryable: false, offset: expect.any(Number) });
      if (engine !== "native") expect(error).toMatchObject({ code: "truncated-data", offset: length });
    }
  });

  test.each(formats)("refuses %s with something behind it", async (format, data) => {
    for (const behind of [Uint8Array.of(0), data, new Uint8Array(100)]) {
      for (const chunks of [[concat(data, behind)], [data, behind]]) {
        const error = await decompress(stage(format), ...chunks).catch((reason) => reason);
        expect(error.constructor).toBe(TypeError);
        if (engine !== "native") expect(error).toMatchObject({ code: "trailing-data", offset: data.length });
      }
    }
  });

  test("refuses wrong checksums and sizes, and says where they are", async () => {
    for (const [format, place, offset] of [
      ["gzip", -8, -8],
      ["gzip", -5, -8],
      ["gzip", -1, -4],
      ["deflate", -1, -4],
    ] as const) {
      const data = vectors[format].slice();
      (data[data.length + place] as number) ^= 1;
      await expect(decompress(stage(format), data)).rejects.toMatchObject({
        code: "checksum-mismatch",
        offset: data.length + offset,
      });
    }
  });

  test("refuses what it has no dictionary for", async () => {
    // From the web-platform-tests, made by Python's zlib with a dictionary.
    const data = bytes("78bb74ee09592bc12e0c0074ee0959");
    await expect(decompress(stage("deflate"), data)).rejects.toMatchObject({ code: "malformed-data", offset: 5 });
  });

  test("hands out what is good before it finds the fault", async () => {
    const { readable, writable } = stage();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const writes = [writer.write(vectors.gzip), writer.write(Uint8Array.of(1)), writer.close()];
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("expected output");
    await expect(reader.read()).rejects.toThrow(TypeError);
    expect((await Promise.allSettled(writes)).some(({ status }) => status === "rejected")).toBe(true);
  });

  test("stops at maxOutput, and not before", async () => {
    const options = { engine, maxOutput: 15 };
    expect(await decompress(new DecompressorStream("gzip", options), vectors.gzip)).toBe("expected output");
    const short = new DecompressorStream("gzip", { engine, maxOutput: 14 });
    await expect(decompress(short, vectors.gzip)).rejects.toMatchObject({
      name: "OutputTooLargeError",
      code: "too-large",
      limit: 14,
      retryable: false,
    });
    const empty = await compress("gzip", new Uint8Array(0));
    expect(await decompress(new DecompressorStream("gzip", { engine, maxOutput: 0 }), empty)).toBe("");
  });

  test("emits at most 1 MiB at a time, and goes no further than it is read", async () => {
    const bomb = await compress("gzip", new Uint8Array(1 << 23));
    const { readable, writable } = stage();
    const writer = writable.getWriter();
    writer.write(bomb).catch(() => {});
    const reader = readable.getReader();
    for (let reads = 0; reads < 4; reads += 1) {
      expect((await reader.read()).value?.length).toBeLessThanOrEqual(1 << 20);
    }
    await reader.cancel();
  });

  test.each([
    ["a string", "text"],
    ["null", null],
    ["an array", [1]],
    ["shared memory", new Uint8Array(new SharedArrayBuffer(1))],
  ])("fails with a TypeError for %s", async (name, chunk) => {
    const { readable, writable } = stage();
    const write = writable.getWriter().write(chunk as never);
    const read = readable.getReader().read();
    await expect(write).rejects.toThrow(
      new RegExp(`Cannot decompress: .* received (a |)${name.replace(/^an? /, "(an? |)")}`),
    );
    await expect(read).rejects.toThrow(TypeError);
  });

  test("takes any view and an ArrayBuffer", async () => {
    const { buffer } = vectors.gzip.slice();
    for (const chunk of [buffer, new DataView(buffer), new Int8Array(buffer), new Uint8ClampedArray(buffer)]) {
      expect(await decompress(stage(), chunk)).toBe("expected output");
    }
  });

  test("reads a chunk that is transferred away while it is being read", async () => {
    const data = await compress("gzip", new Uint8Array(4 << 20));
    const { readable, writable } = stage();
    const writer = writable.getWriter();
    const writes = [writer.write(data), writer.close()];
    const reader = readable.getReader();
    let size = (await reader.read()).value?.length ?? 0;
    structuredClone(data, { transfer: [data.buffer] });
    for (let read = await reader.read(); !read.done; read = await reader.read()) size += read.value.length;
    await Promise.all(writes);
    expect(size).toBe(4 << 20);
  });

  test("does not take half of a larger chunk for all of it", async () => {
    const stored = await collectBytes(
      adopt([new Uint8Array(3 << 20)]).pipeThrough(new CompressorStream("gzip", { level: 0, engine: "fflate" })),
    );
    const { readable, writable } = stage();
    const write = writable.getWriter().write(stored);
    const reader = readable.getReader();
    await reader.read();
    structuredClone(stored, { transfer: [stored.buffer] });
    const rest = (async () => {
      while (!(await reader.read()).done);
    })();
    await expect(rest).rejects.toThrow(/detached or resized after 1048576 bytes/);
    await expect(write).rejects.toThrow(TypeError);
  });
});

describe.each(engines.filter((engine) => engine !== "native"))("DecompressorStream by %s", (engine) => {
  const multi = () => new DecompressorStream("gzip", { engine, members: "multi" });

  test("decompresses and verifies all members, at every split", async () => {
    const empty = await compress("gzip", new Uint8Array(0));
    const data = concat(vectors.gzip, empty, vectors.gzip);
    for (let cut = 0; cut <= data.length; cut += 1) {
      const output = await decompress(multi(), data.subarray(0, cut), data.subarray(cut));
      expect(output).toBe("expected outputexpected output");
    }
    for (const place of [27, vectors.gzip.length + 12, data.length - 1]) {
      const broken = data.slice();
      (broken[place] as number) ^= 1;
      await expect(decompress(multi(), broken)).rejects.toMatchObject({ code: "checksum-mismatch" });
    }
    await expect(decompress(multi(), data.subarray(0, -1))).rejects.toMatchObject({ code: "truncated-data" });
    await expect(decompress(multi(), concat(data, Uint8Array.of(0)))).rejects.toMatchObject({
      code: "malformed-data",
      offset: data.length,
    });
  });

  test("counts maxOutput over all members", async () => {
    const stage = new DecompressorStream("gzip", { engine, members: "multi", maxOutput: 20 });
    await expect(decompress(stage, vectors.gzip, vectors.gzip)).rejects.toMatchObject({ code: "too-large" });
  });

  test.each(["deflate", "deflate-raw"] as const)("uses the dictionary of %s", async (format) => {
    const dictionary = text("a rather long sentence that comes again");
    const compressor = new CompressorStream(format, { engine, dictionary });
    const data = await collectBytes(adopt([dictionary]).pipeThrough(compressor));
    expect(data.length).toBeLessThan(20);
    expect(await decompress(new DecompressorStream(format, { engine, dictionary }), data)).toBe(
      "a rather long sentence that comes again",
    );
    const other = new DecompressorStream(format, { engine, dictionary: text("another") });
    await expect(decompress(other, data)).rejects.toMatchObject({ code: "malformed-data" });
  });
});

test.each([
  [["a"], TypeError, '"format" must be "gzip", "deflate" or "deflate-raw", received "a"'],
  [[], TypeError, 'received "undefined"'],
  [["gzip", { maxOutput: -1 }], RangeError, '"maxOutput" must be a number of bytes, received -1'],
  [["gzip", { maxOutput: Number.NaN }], RangeError, '"maxOutput" must be a number of bytes, received NaN'],
  [["gzip", { maxOutput: "1" }], TypeError, '"maxOutput" must be a number of bytes, received "1"'],
  [["gzip", { members: "many" }], RangeError, '"members" must be "single" or "multi", received "many"'],
  [["deflate", { members: "multi" }], RangeError, '"members" must be "single" for "deflate"'],
  [["gzip", { dictionary: text("x") }], RangeError, '"dictionary" must be left out for "gzip"'],
  [["deflate", { dictionary: "x" }], TypeError, '"dictionary" must be a Uint8Array, received "x"'],
  [["deflate", { dictionary: new Uint8Array(0) }], RangeError, '"dictionary" must be of 1 byte at least'],
  [["gzip", { engine: "brotli" }], RangeError, '"engine" must be "zlib", "native" or "fflate", received "brotli"'],
  [["gzip", { engine: 1 }], TypeError, '"engine" must be "zlib", "native" or "fflate", received 1'],
  [
    ["gzip", { engine: "native", members: "multi" }],
    RangeError,
    '"engine" must be "zlib" or "fflate" with members "multi"',
  ],
  [["gzip", { streams: {} }], TypeError, "constructor"],
] as const)("DecompressorStream cannot be constructed with %j", (args, kind, message) => {
  const construct = () => new DecompressorStream(...(args as unknown as [CompressionFormat]));
  expect(construct).toThrow(kind);
  expect(construct).toThrow(message);
});

test("DecompressorStream by native refuses to work where the platform's class is not to be trusted", async () => {
  if (!Native || native) return;
  await expect(decompress(new DecompressorStream("gzip", { engine: "native" }), vectors.gzip)).rejects.toThrow(
    RangeError,
  );
});

test("malformedData has its data as own properties of a plain TypeError", () => {
  const error = malformedData("malformed-data", 3, "bad");
  expect(error.constructor).toBe(TypeError);
  expect(Object.entries(error)).toEqual([
    ["code", "malformed-data"],
    ["retryable", false],
    ["offset", 3],
  ]);
});

/** Made with what the platform has, so that it is not our checksum that says what our checksum must be. */
async function headerSum(header: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const gzipped = new Blob([header]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(gzipped).arrayBuffer()).slice(-8, -6);
}
