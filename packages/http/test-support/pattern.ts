// Bytes that tell where they belong, for tests in which order matters.
import type { ByteSource } from "@sluice/source";

/** A prime: no two buffers of a round size hold the same. */
const PERIOD = 1_000_003;
const pattern = Uint8Array.from({ length: PERIOD }, (_, index) => Math.imul(index + 1, 0x9e3779b1) >>> 24);

/** Fills `into` with the bytes at `position` of an endless pattern. */
export function fillPattern(into: Uint8Array, position: number): void {
  for (let done = 0; done < into.byteLength; ) {
    const from = (position + done) % PERIOD;
    const piece = pattern.subarray(from, from + into.byteLength - done);
    into.set(piece, done);
    done += piece.byteLength;
  }
}

/** The first byte of `bytes` that is not the pattern's at `position`; -1 where all are. */
export function firstWrong(bytes: Uint8Array, position: number): number {
  const expected = new Uint8Array(bytes.byteLength);
  fillPattern(expected, position);
  if (Buffer.compare(bytes, expected) === 0) return -1;
  return bytes.findIndex((byte, index) => byte !== expected[index]);
}

/** What a test wants of a source. */
export interface PatternOptions {
  readonly size: number;
  /** Bytes in a chunk of its stream; without it, the source is read by position. */
  readonly chunk?: number;
  readonly replayable?: boolean;
  /** Told of every read, and of the cancellation of a stream. */
  readonly onRead?: (position: number) => void;
  readonly onCancel?: (reason: unknown) => void;
  /** Bytes that there are, if they are not as many as `size` says. */
  readonly actual?: number;
}

/** A source of the pattern: by position like a file, or as a stream of chunks of any size. */
export function patternSource({
  size,
  chunk,
  replayable = true,
  onRead,
  onCancel,
  actual = size,
}: PatternOptions): ByteSource {
  const source: ByteSource = {
    size,
    name: "pattern.bin",
    type: undefined,
    replayable,
    fingerprint: undefined,
    stream({ start = 0, end = actual } = {}) {
      let position = start;
      return new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          async pull(controller) {
            onRead?.(position);
            const bytes = new Uint8Array(Math.min(chunk ?? 65_536, end - position));
            fillPattern(bytes, position);
            position += bytes.byteLength;
            if (bytes.byteLength > 0) controller.enqueue(bytes);
            if (position === end) controller.close();
          },
          cancel: (reason) => onCancel?.(reason),
        },
        { highWaterMark: 0 },
      );
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  if (chunk !== undefined) return source;
  return {
    ...source,
    async read(into, position) {
      onRead?.(position);
      const count = Math.max(Math.min(into.byteLength, actual - position), 0);
      fillPattern(into.subarray(0, count), position);
      return count;
    },
  };
}
