// `CompressorStream` and `DecompressorStream` in place of the platform's classes; shared by compression-<engine>.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CompressionEngine, type CompressionFormat, CompressorStream, DecompressorStream } from "@sluice/compress";

/** Puts classes with the platform's constructor, over ours with this engine, into the global scope. */
export function installClasses(engine: CompressionEngine): void {
  class CompressionStream extends CompressorStream {
    constructor(format: CompressionFormat) {
      super(format, { engine });
    }
  }
  class DecompressionStream extends DecompressorStream {
    constructor(format: CompressionFormat) {
      super(format, { engine });
    }
  }
  for (const value of [CompressionStream, DecompressionStream]) {
    Object.defineProperty(globalThis, value.name, { value, writable: true, configurable: true });
  }
  // Two tests ask the server for files that lie under media/ of the checkout.
  const fetch = async (path: string) => new Response(readFileSync(join(process.env["WPT_DIR"] as string, path)));
  Object.defineProperty(globalThis, "fetch", { value: fetch, writable: true, configurable: true });
}

const NO_BROTLI = "brotli is none of our formats";
const chunks = ["undefined", "null", "numeric", "object, not BufferSource", "array", "SharedArrayBuffer"];
const badChunks = [...chunks, "shared Uint8Array"];
const views = ["ArrayBuffer", "DataView", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array"];
const bufferSources = [...views, "Int32Array", "Uint32Array", "Float16Array", "Float32Array", "Float64Array"];

const brotli: readonly (readonly [file: string, names: readonly string[]])[] = [
  ["compression-bad-chunks", badChunks.map((name) => `chunk of type ${name} should error the stream for brotli`)],
  [
    "compression-including-empty-chunk",
    [",Hello,Hello", "Hello,,Hello", "Hello,Hello,"].map(
      (list) => `the result of compressing [${list}] with brotli should be 'HelloHello'`,
    ),
  ],
  [
    "compression-multiple-chunks",
    Array.from({ length: 15 }, (_, index) => `compressing ${index + 2} chunks with brotli should work`),
  ],
  ["compression-output-length", ["the length of brotli data should be shorter than that of the original data"]],
  [
    "compression-stream",
    ["empty", "small amount", "large amount"].map(
      (label) => `brotli ${label} data should be reinflated back to its origin`,
    ),
  ],
  [
    "decompression-bad-chunks",
    [...badChunks, "invalid deflate bytes", "invalid gzip bytes"].map(
      (name) => `chunk of type ${name} should error the stream for brotli`,
    ),
  ],
  ["decompression-buffersource", bufferSources.map((name) => `chunk of type ${name} should work for brotli`)],
  ["decompression-correct-input", ["decompressing brotli input should work"]],
  [
    "decompression-corrupt-input",
    [
      "the unchanged input for 'brotli' should decompress successfully",
      "truncating the input for 'brotli' should give an error",
      "trailing junk for 'brotli' should give an error",
    ],
  ],
  ["decompression-empty-input", ["decompressing brotli empty input should work"]],
  ["decompression-extra-input", ["decompressing brotli input with extra pad should still give the output"]],
  [
    "decompression-split-chunk",
    Array.from(
      { length: 15 },
      (_, index) => `decompressing split chunk into pieces of size ${index + 1} should work in brotli`,
    ),
  ],
  ["decompression-uint8array-output", ["decompressing brotli output should give Uint8Array chunks"]],
];

export const expectedFailures: Readonly<Record<string, string>> = Object.fromEntries(
  brotli.flatMap(([file, names]) => names.map((name) => [`compression/${file}.any.js: ${name}`, NO_BROTLI])),
);
