import { describe } from "./refuse.ts";

/** What may be written to a stage: as the platform's classes take it, and typed arrays of any size. */
export type BytesChunk = ArrayBufferView | ArrayBuffer;

const LARGEST_PIECE = 1 << 20;

/**
 * Copies what is written to a stage, 1 MiB at a time, into memory that is the stage's: engines read it from other threads
 * and between reads of the consumer, when the caller may already have transferred or overwritten the chunk.
 */
export class OwnedPieces {
  readonly #action: string;
  #memory = new Uint8Array(0);

  /** @param action What fails when a chunk is no good, for the message. */
  constructor(action: string) {
    this.#action = action;
  }

  /**
   * Yields the pieces of a chunk; each is good until the next one is asked for.
   * @throws {TypeError} when `chunk` is no bytes, lies in shared memory, or is detached before all of it was copied.
   */
  *of(chunk: BytesChunk): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
    const bytes = this.#view(chunk);
    const { length } = bytes;
    for (let offset = 0; offset < length; offset += LARGEST_PIECE) {
      const size = Math.min(length - offset, LARGEST_PIECE);
      if (bytes.length !== length) {
        throw new TypeError(
          `Cannot ${this.#action}: a chunk of ${length} bytes was detached or resized after ${offset} bytes of it had been read. Wait for the write, or write at most 1 MiB at a time`,
        );
      }
      if (this.#memory.length < size) this.#memory = new Uint8Array(size);
      this.#memory.set(bytes.subarray(offset, offset + size));
      yield this.#memory.subarray(0, size);
    }
  }

  #view(chunk: BytesChunk): Uint8Array {
    const buffer = ArrayBuffer.isView(chunk) ? chunk.buffer : chunk;
    if (!isArrayBuffer(buffer)) {
      const shared = typeof SharedArrayBuffer === "function" && buffer instanceof SharedArrayBuffer;
      throw new TypeError(
        `Cannot ${this.#action}: a chunk must be an ArrayBuffer or a view of one, received ${shared ? "shared memory" : describe(chunk)}`,
      );
    }
    return ArrayBuffer.isView(chunk)
      ? new Uint8Array(buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(buffer);
  }
}

const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")?.get;

/** By what only an ArrayBuffer has inside: one of another realm, such as an iframe's, is no `instanceof` ours. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  try {
    byteLength?.call(value);
    return true;
  } catch {
    return false;
  }
}
