import { pullPair, type StreamPair, type StreamsOption } from "@sluice/streams";
import { checkedDictionary } from "./checked-dictionary.ts";
import { type CompressionFormat, checkedFormat } from "./compression-format.ts";
import { Compressor } from "./compressor.ts";
import { type CompressionEngine, chooseEngine } from "./engine.ts";
import type { BytesChunk } from "./owned-pieces.ts";
import { refuse } from "./refuse.ts";

/** Options of `CompressorStream`. */
export interface CompressorStreamOptions extends StreamsOption {
  /**
   * 0 (stored) to 9 (smallest).
   * @default 6
   */
  level?: number | undefined;
  /** Bytes that the data is likely to repeat, which a decompressor must be given, too. Not for gzip, which has none. */
  dictionary?: Uint8Array | undefined;
  /** What does the work; by default the best engine of the runtime that can do what is asked for. */
  engine?: CompressionEngine | undefined;
}

const ACTION = "construct CompressorStream";

/**
 * A stage that compresses bytes: what the platform's `CompressionStream` does, at any level and on any runtime.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { CompressorStream } from "@sluice/compress";
 *
 * const compressor = new CompressorStream("gzip", { level: 9 });
 * const compressed = new Blob(["water ".repeat(1000)]).stream().pipeThrough(compressor);
 * const text = await new Response(compressed.pipeThrough(new DecompressionStream("gzip"))).text();
 * assert.equal(text.length, 6000);
 * assert.equal(compressor.engine, "zlib"); // on Node, Deno and Bun
 * ```
 */
export class CompressorStream implements StreamPair<BytesChunk, Uint8Array<ArrayBuffer>> {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<BytesChunk>;
  /** What does the work. */
  readonly engine: CompressionEngine;

  /** @throws {TypeError} or {RangeError} when the format or an option is wrong, or `engine` cannot be had here. */
  constructor(format: CompressionFormat, options: CompressorStreamOptions = {}) {
    const name = checkedFormat(ACTION, format);
    const { level, engine } = options;
    if (level !== undefined && !(Number.isInteger(level) && level >= 0 && level <= 9)) {
      refuse(ACTION, "level", "an integer from 0 to 9", level, "number");
    }
    const dictionary = checkedDictionary(ACTION, options.dictionary, name);
    this.engine = chooseEngine(ACTION, engine, {
      native: "CompressionStream",
      beyondNative: dictionary ? '"dictionary"' : level === undefined ? undefined : '"level"',
    });
    const pair = pullPair(new Compressor({ format: name, engine: this.engine, level, dictionary }), options);
    this.readable = pair.readable;
    this.writable = pair.writable;
  }
}
