import { badChunkError } from "./_chunks.ts";
import { isBytes } from "./_is-bytes.ts";
import { SizeMismatchError } from "./size-mismatch-error.ts";

/** Counts chunks on their way, and refuses what is none, or more or less than there must be. */
export class CountedChunks {
  /** What is streamed, for messages. */
  readonly #what: string;
  readonly #size: number | undefined;
  #index = 0;
  #bytes = 0;

  /** @param size How many bytes there must be, where it is known. */
  constructor(what: string, size: number | undefined) {
    this.#what = what;
    this.#size = size;
  }

  /** @returns The chunk, in memory that is nobody else's to change. */
  pass(chunk: unknown): Uint8Array<ArrayBuffer> {
    if (!isBytes(chunk)) throw badChunkError(this.#what, this.#index, chunk);
    this.#index += 1;
    this.#bytes += chunk.byteLength;
    if (this.#size !== undefined && this.#bytes > this.#size) throw this.#mismatch(this.#size);
    // Shared memory may change while it is being sent, and is refused by most of what takes bytes.
    return chunk.buffer instanceof ArrayBuffer ? (chunk as Uint8Array<ArrayBuffer>) : new Uint8Array(chunk);
  }

  end(): void {
    if (this.#size !== undefined && this.#bytes !== this.#size) throw this.#mismatch(this.#size);
  }

  #mismatch(size: number): SizeMismatchError {
    return new SizeMismatchError(this.#what, size, this.#bytes);
  }
}
