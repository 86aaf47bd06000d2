import { pullPair, type StreamPair, type StreamsOption } from "@sluice/streams";
import { checkedDictionary } from "./checked-dictionary.ts";
import { type CompressionFormat, checkedFormat } from "./compression-format.ts";
import { Decompressor } from "./decompressor.ts";
import { type CompressionEngine, chooseEngine } from "./engine.ts";
import { nativeClasses } from "./native-classes.ts";
import { NativeDecompressor } from "./native-decompressor.ts";
import type { BytesChunk } from "./owned-pieces.ts";
import { refuse } from "./refuse.ts";

/** Options of `DecompressorStream`. */
export interface DecompressorStreamOptions extends StreamsOption {
  /**
   * The most bytes that may come out; one more is an error.
   * @default Infinity
   */
  maxOutput?: number | undefined;
  /**
   * Whether more gzip members may follow the first, as in files that were appended to or compressed in parallel. By
   * default they are what the Compression standard says they are: trailing data, an error.
   * @default "single"
   */
  members?: "single" | "multi" | undefined;
  /** The bytes that the data was compressed with. Not for gzip, which has none. */
  dictionary?: Uint8Array | undefined;
  /** What does the work; by default the best engine of the runtime that can do what is asked for. */
  engine?: CompressionEngine | undefined;
}

const ACTION = "construct DecompressorStream";

/**
 * A stage that decompresses bytes, one piece for each that is read, and vouches for them: checksums and sizes are
 * compared, and data that is cut short, or followed by anything, is an error. That is a `MalformedDataError`: a plain
 * TypeError, as the platform's class has it, with `code` and `offset`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { CompressorStream, DecompressorStream } from "@sluice/compress";
 *
 * const bomb = new Blob([new Uint8Array(1 << 24)]).stream().pipeThrough(new CompressorStream("gzip"));
 * const decompressed = bomb.pipeThrough(new DecompressorStream("gzip", { maxOutput: 1 << 20 }));
 * await assert.rejects(new Response(decompressed).bytes(), { code: "too-large", limit: 1 << 20 });
 * ```
 */
export class DecompressorStream implements StreamPair<BytesChunk, Uint8Array<ArrayBuffer>> {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<BytesChunk>;
  /** What does the work. */
  readonly engine: CompressionEngine;

  /** @throws {TypeError} or {RangeError} when the format or an option is wrong, or `engine` cannot be had here. */
  constructor(format: CompressionFormat, options: DecompressorStreamOptions = {}) {
    const name = checkedFormat(ACTION, format);
    const { maxOutput = Number.POSITIVE_INFINITY, members = "single", engine } = options;
    if (typeof maxOutput !== "number" || !(maxOutput >= 0)) {
      refuse(ACTION, "maxOutput", "a number of bytes", maxOutput, "number");
    }
    if (members !== "single" && members !== "multi") {
      refuse(ACTION, "members", '"single" or "multi"', members, "string");
    }
    if (members === "multi" && name !== "gzip") {
      refuse(ACTION, "members", `"single" for "${name}", as gzip alone has members`, members, "string");
    }
    const dictionary = checkedDictionary(ACTION, options.dictionary, name);
    this.engine = chooseEngine(ACTION, engine, {
      native: "DecompressionStream",
      beyondNative: dictionary ? '"dictionary"' : members === "multi" ? 'members "multi"' : undefined,
    });
    const settings = { format: name, maxOutput, members, dictionary };
    const Native = nativeClasses.DecompressionStream;
    const pair =
      this.engine === "native" && Native
        ? new NativeDecompressor(Native, settings, options)
        : pullPair(new Decompressor(this.engine === "zlib" ? "zlib" : "fflate", settings), options);
    this.readable = pair.readable;
    this.writable = pair.writable;
  }
}
