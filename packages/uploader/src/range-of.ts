import type { ByteSource, ReadOptions } from "@sluice/source";
import type { Piece } from "./piece.ts";

/** One part of a replayable source. */
export type Range = Pick<Piece, "index" | "offset" | "body"> & { readonly size: number };

/** The part with this index, where all are of one size but the last. */
export function rangeOf(source: ByteSource, index: number, partSize: number): Range {
  const offset = index * partSize;
  const size = Math.min(partSize, (source.size ?? 0) - offset);
  return { index, offset, size, body: partSource(source, offset, size) };
}

/** One range of a replayable source, as a source of its own. Closing it leaves the whole open: that is the owner's. */
export function partSource(whole: ByteSource, offset: number, size: number): ByteSource {
  const { read, blob } = whole;
  return {
    size,
    name: whole.name,
    type: whole.type,
    replayable: true,
    fingerprint: whole.fingerprint,
    stream({ start = 0, end = size, ...options } = {}) {
      return whole.stream({ ...options, start: offset + start, end: offset + end });
    },
    ...(read && {
      read(into: Uint8Array, position: number, options?: ReadOptions) {
        // Never into the next part.
        const room = Math.max(0, size - position);
        const end = { ...options, until: offset + size };
        return read.call(whole, room < into.byteLength ? into.subarray(0, room) : into, offset + position, end);
      },
    }),
    ...(blob && {
      blob: (start: number, end: number) => blob.call(whole, offset + start, offset + end),
    }),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
