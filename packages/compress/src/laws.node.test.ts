import { closeSync, openSync, readSync } from "node:fs";
import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { adopt, collectBytes } from "@sluice/streams";
import { stageLaws } from "@sluice/streams/testing";
import fc from "fast-check";
import { gzipSync as fflateGzip } from "fflate";
import { describe, expect, test } from "vitest";
import { CompressorStream, DecompressorStream } from "./index.ts";
import { nativeIsStrict } from "./native-classes.ts";

const engines = ["zlib", "native", "fflate"] as const;
// Node 22 has a class that DecompressorStream does not trust.
const strict = await nativeIsStrict(DecompressionStream);
const readers = engines.filter((engine) => engine !== "native" || strict);
const formats = ["gzip", "deflate", "deflate-raw"] as const;
const inflaters = { gzip: gunzipSync, deflate: inflateSync, "deflate-raw": inflateRawSync };
const deflaters = { gzip: gzipSync, deflate: deflateSync, "deflate-raw": deflateRawSync };

const files = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(fc.nat(255), fc.nat(900)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

/** The gzip file that fflate makes in one go, with no time and of an unknown system. */
function byFflate(input: Uint8Array): Uint8Array {
  const output = fflateGzip(input, { mtime: 0 });
  output[9] = 255;
  return output;
}

describe.each(engines)("CompressorStream by %s", (engine) => {
  const laws = stageLaws({
    create: (options) => new CompressorStream("gzip", { engine, ...options }),
    expected: (input) => (engine === "fflate" ? byFflate(input) : new Uint8Array(gzipSync(input))),
    inputs: files,
    runs: 15,
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());
});

describe.each(readers)("DecompressorStream by %s", (engine) => {
  const laws = stageLaws({
    create: (options) => new DecompressorStream("gzip", { engine, ...options }),
    expected: (input) => new Uint8Array(gunzipSync(input)),
    inputs: files.map((file) => new Uint8Array(gzipSync(file))),
    runs: 15,
  });
  // The law writes zeros, which are no gzip; valid data follows below.
  const apt = laws.filter(({ name }) => !name.startsWith("accepts"));
  test.each(apt.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());

  test("accepts at most 3 writes with no reader", async () => {
    const stored = new Uint8Array(deflateRawSync(new Uint8Array(4 << 20), { level: 0 }));
    const { readable, writable } = new DecompressorStream("deflate-raw", { engine });
    const writer = writable.getWriter();
    let accepted = 0;
    for (let at = 0; at < stored.length; at += 65_536) {
      writer.write(stored.subarray(at, at + 65_536)).then(
        () => {
          accepted += 1;
        },
        () => {},
      );
    }
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(accepted).toBeLessThanOrEqual(3);
    await Promise.allSettled([readable.cancel(), writer.closed]);
  });
});

describe.each(formats)("%s", (format) => {
  test.each(engines)("by %s is what zlib reads", (engine) =>
    fc.assert(
      fc.asyncProperty(files, fc.option(fc.nat(9), { nil: undefined }), async (file, level) => {
        const options = engine === "native" ? { engine } : { engine, level };
        const output = await collectBytes(adopt([file]).pipeThrough(new CompressorStream(format, options)));
        expect(inflaters[format](output).equals(file)).toBe(true);
      }),
      { numRuns: 25 },
    ),
  );

  test.each(readers)("by zlib is read by %s, at every level, whatever surrounds it", (engine) =>
    fc.assert(
      fc.asyncProperty(files, fc.nat(9), fc.integer({ min: 1, max: 9 }), async (file, level, memLevel) => {
        const data = new Uint8Array(deflaters[format](file, { level, memLevel }));
        const output = await collectBytes(adopt([data]).pipeThrough(new DecompressorStream(format, { engine })));
        expect(Buffer.from(output).equals(file)).toBe(true);
      }),
      { numRuns: 25 },
    ),
  );
});

test.each([1, 4, 6, 9])("fflate at level %i comes within 2 %% of zlib's size", async (level) => {
  // A piece of this program: machine code, tables and text.
  const program = Buffer.alloc(1 << 20);
  const file = openSync(process.execPath, "r");
  readSync(file, program, 0, program.length, 30 << 20);
  closeSync(file);
  const stage = new CompressorStream("gzip", { engine: "fflate", level });
  const { length } = await collectBytes(adopt([program]).pipeThrough(stage));
  expect(length / gzipSync(program, { level }).length).toBeLessThan(1.02);
});
