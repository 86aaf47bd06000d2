/** Options of `collectBytes`. */
export interface CollectBytesOptions {
  /**
   * The most bytes to take; one more cancels the stream.
   * @default Infinity
   */
  limit?: number | undefined;
  /** Cancels the stream and rejects with its reason. */
  signal?: AbortSignal | undefined;
}

/** A stream held more than the limit that was set for it. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
  readonly code = "too-large";
  readonly retryable = false;
  /** The most bytes that were to be taken. */
  readonly limit: number;
  /** The bytes that had come when it was noticed. */
  readonly received: number;

  constructor(limit: number, received: number) {
    super(
      `Cannot collect the stream: it has at least ${received} bytes and the limit is ${limit}. Raise "limit", or stream it`,
    );
    this.limit = limit;
    this.received = received;
  }
}

/**
 * Reads a stream of bytes to its end into one array, of a bounded size.
 *
 * @returns The bytes, in memory of their own.
 * @throws {TooLargeError} at the first byte over `limit`; the stream is cancelled.
 * @throws {TypeError} when a chunk is no `Uint8Array`, or an option is of the wrong kind.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { collectBytes } from "@sluice/streams";
 *
 * const bytes = await collectBytes(new Blob(["sluice"]).stream(), { limit: 1024 });
 * assert.equal(bytes.byteLength, 6);
 * ```
 */
export async function collectBytes(
  stream: ReadableStream<Uint8Array>,
  { limit = Number.POSITIVE_INFINITY, signal }: CollectBytesOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof limit !== "number")
    throw new TypeError(`Cannot collect bytes: "limit" must be a number, received ${typeof limit}`);
  if (!(limit >= 0)) throw new RangeError(`Cannot collect bytes: "limit" must be 0 or more, received ${limit}`);
  if (typeof stream?.getReader !== "function") {
    throw new TypeError(`Cannot collect bytes: "stream" must be a ReadableStream, received ${typeof stream}`);
  }
  signal?.throwIfAborted();

  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const abort = () => cancelQuietly(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    while (true) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) break;
      if (!(value instanceof Uint8Array)) {
        throw new TypeError(
          `Cannot collect bytes: chunk ${chunks.length} must be a Uint8Array, received ${typeof value}`,
        );
      }
      size += value.byteLength;
      if (size > limit) throw new TooLargeError(limit, size);
      // A small view would keep its whole buffer alive until the end.
      chunks.push(value.byteLength * 2 < value.buffer.byteLength ? value.slice() : value);
    }
  } catch (reason) {
    cancelQuietly(reason);
    throw reason;
  } finally {
    signal?.removeEventListener("abort", abort);
    reader.releaseLock();
  }

  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;

  /** What the source says to being cancelled must not hide why it was. */
  function cancelQuietly(reason: unknown): void {
    reader.cancel(reason).catch(() => {});
  }
}
