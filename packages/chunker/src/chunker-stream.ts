import { codecStream, pullPair, type StreamPair, type StreamsOption } from "@sluice/streams";
import { checkedSize } from "./checked-size.ts";
import { chunkerCodec } from "./chunker-codec.ts";
import { createCutter } from "./cutter.ts";

/** Below, one chunk of 1 MiB would become more than 1024 at once; above, `codecStream`'s cuts at 1 MiB would cost a copy. */
const CODEC_SIZES = { smallest: 1 << 10, largest: 1 << 20 };

/** Options of `ChunkerStream`. */
export type ChunkerStreamOptions = StreamsOption;

/**
 * A stage that re-cuts a stream of bytes: every chunk but the last is exactly `size` bytes.
 *
 * A chunk that lies inside one input chunk is a view of it; nothing is copied. Any other byte is copied once. Empty
 * input gives no chunk at all.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ChunkerStream } from "@sluice/chunker";
 *
 * const chunks = new Blob(["to the weir"]).stream().pipeThrough(new ChunkerStream(4));
 * const texts = await Array.fromAsync(chunks, (chunk) => new TextDecoder().decode(chunk));
 * assert.deepEqual(texts, ["to t", "he w", "eir"]);
 * ```
 */
export class ChunkerStream implements StreamPair<Uint8Array, Uint8Array<ArrayBuffer>> {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;

  /**
   * @param size Bytes in every chunk but the last; up to what the runtime can allocate at once.
   * @throws {TypeError} when `size` is no number. {RangeError} when it is no positive integer.
   */
  constructor(size: number, options: ChunkerStreamOptions = {}) {
    checkedSize(size, "construct ChunkerStream");
    const pair =
      size < CODEC_SIZES.smallest || size > CODEC_SIZES.largest
        ? pullDriven(size, options)
        : codecStream(chunkerCodec(size), options);
    this.readable = pair.readable;
    this.writable = pair.writable;
  }
}

/** Cuts one chunk ahead of its reader. It costs about a microsecond a chunk more than a codec's stage. */
function pullDriven(size: number, options: StreamsOption): StreamPair<Uint8Array, Uint8Array<ArrayBuffer>> {
  const cutter = createCutter(size);
  return pullPair(
    {
      *transform(chunk) {
        cutter.take(chunk);
        for (let piece = cutter.next(); piece; piece = cutter.next()) yield piece;
      },
      *flush() {
        const rest = cutter.rest();
        if (rest) yield rest;
      },
      cancel: cutter.clear,
    },
    options,
  );
}
