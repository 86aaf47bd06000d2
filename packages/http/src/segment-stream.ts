import type { SegmentReader } from "./segment-reader.ts";

/** Bytes in a chunk: a hop of a stream costs about what copying 10 KiB does. */
const CHUNK_SIZE = 256 * 1024;

/**
 * What a reader of segments reads, as a stream in memory of its consumer's own.
 *
 * @param taken Called when a chunk is asked for, and at the end: what was given before has been taken.
 */
export function segmentStream(reader: SegmentReader, taken?: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        taken?.();
        const chunk = await reader.next((left) => new Uint8Array(Math.min(CHUNK_SIZE, left)));
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
