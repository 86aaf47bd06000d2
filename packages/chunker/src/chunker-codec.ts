import type { Codec } from "@sluice/streams";
import { checkedSize } from "./checked-size.ts";
import { createCutter } from "./cutter.ts";

/**
 * The engine of `ChunkerStream` without streams, to be driven directly or fused with other codecs.
 *
 * It emits all that one call yields at once: with a small size and large input, use the stage, which waits for its reader.
 *
 * @param size Bytes in every chunk but the last.
 * @throws {TypeError} when `size` is no number. {RangeError} when it is no positive integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chunkerCodec } from "@sluice/chunker";
 *
 * const codec = chunkerCodec(4);
 * const sizes: number[] = [];
 * const emit = (chunk: Uint8Array) => void sizes.push(chunk.byteLength);
 * codec.transform(new Uint8Array(3), emit);
 * codec.transform(new Uint8Array(7), emit);
 * codec.flush?.(emit);
 * assert.deepEqual(sizes, [4, 4, 2]);
 * ```
 */
export function chunkerCodec(size: number): Codec<Uint8Array, Uint8Array<ArrayBuffer>> {
  const cutter = createCutter(checkedSize(size, "make a chunker codec"));
  return {
    transform(chunk, emit) {
      cutter.take(chunk);
      for (let piece = cutter.next(); piece; piece = cutter.next()) emit(piece);
    },
    flush(emit) {
      const rest = cutter.rest();
      if (rest) emit(rest);
    },
    cancel: cutter.clear,
  };
}
