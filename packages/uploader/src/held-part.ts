import type { ByteSource } from "@sluice/source";
import type { Memory, Reservation } from "./memory.ts";

/** Smaller chunks are copied: keeping each alive would cost more. */
const SMALL = 64 * 1024;

/** The bytes of one part of a stream, in memory until they have arrived. */
export class HeldPart {
  readonly #memory: Memory;
  readonly #reservation: Reservation;
  readonly #limit: number;
  readonly #segments: Uint8Array<ArrayBuffer>[] = [];
  readonly #blocks: Uint8Array<ArrayBuffer>[] = [];
  /** The block that is being filled, and how much of it is. */
  #block: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #size = 0;

  /** @param limit How many bytes will be added at most; `reservation` is for as many. */
  constructor(memory: Memory, reservation: Reservation, limit: number) {
    this.#memory = memory;
    this.#reservation = reservation;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Adds the bytes of a chunk from `start` on, as many as there is room for, and returns how many.
   *
   * A large chunk that has its memory to itself is kept as it is. Of any other each byte is copied, once, so that a few
   * bytes do not keep a large buffer alive.
   *
   * @param lent Whether the chunk's memory is used again.
   */
  add(chunk: Uint8Array, start: number, lent: boolean): number {
    const end = Math.min(chunk.byteLength, start + this.#limit - this.#size);
    if (!lent && ownsItsMemory(chunk)) {
      this.#closeBlock();
      this.#segments.push(chunk.subarray(start, end));
      this.#memory.holdElsewhere(end - start);
    } else {
      for (let position = start; position < end; ) position += this.#copy(chunk, position, end);
    }
    this.#size += end - start;
    return end - start;
  }

  /** No more will be added: what was set aside and is not needed goes back. */
  seal(): void {
    this.#closeBlock();
    this.#reservation.shrink(this.#size);
  }

  /** @param arrived Whether nobody reads it any more; else its memory is left to the garbage collector. */
  release(arrived: boolean): void {
    if (arrived) for (const block of this.#blocks) this.#memory.giveBlock(block);
    this.#blocks.length = 0;
    this.#reservation.release();
  }

  /** The part as a source, for any number of attempts. It has no positional reads: those would copy every byte again. */
  source({ name, type }: Pick<ByteSource, "name" | "type">): ByteSource {
    const size = this.#size;
    const { blockSize } = this.#memory;
    const views = (start: number, end: number) => viewsOf(this.#segments, start, end, blockSize);
    const close = async () => {};
    return {
      size,
      name,
      type,
      replayable: true,
      fingerprint: undefined,
      views,
      stream: ({ start = 0, end = size } = {}) => streamOf(views(start, end)),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  /** Copies what the block at hand has room for. */
  #copy(chunk: Uint8Array, start: number, end: number): number {
    this.#block ??= this.#newBlock();
    const block = this.#block;
    const length = Math.min(block.byteLength - this.#filled, end - start);
    // No view where none is needed: of a million small chunks that is 100 MB of garbage.
    block.set(length === chunk.byteLength ? chunk : chunk.subarray(start, start + length), this.#filled);
    this.#filled += length;
    if (this.#filled === block.byteLength) this.#closeBlock();
    return length;
  }

  #newBlock(): Uint8Array<ArrayBuffer> {
    // Smaller ones are not worth keeping.
    if (this.#limit < this.#memory.blockSize) return new Uint8Array(this.#limit);
    const block = this.#memory.takeBlock();
    this.#blocks.push(block);
    return block;
  }

  #closeBlock(): void {
    const block = this.#block;
    if (block && this.#filled > 0) {
      this.#segments.push(this.#filled < block.byteLength ? block.subarray(0, this.#filled) : block);
    }
    this.#block = undefined;
    this.#filled = 0;
  }
}

function ownsItsMemory(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  const { byteLength, buffer } = chunk;
  return byteLength >= SMALL && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer;
}

/** The bytes from `start` to `end` of the segments, as views of at most so many bytes. */
function* viewsOf(
  segments: readonly Uint8Array<ArrayBuffer>[],
  start: number,
  end: number,
  most: number,
): Generator<Uint8Array<ArrayBuffer>, undefined> {
  let offset = 0;
  for (const segment of segments) {
    const last = Math.min(segment.byteLength, end - offset);
    for (let from = Math.max(0, start - offset); from < last; from += most) {
      yield segment.subarray(from, Math.min(last, from + most));
    }
    offset += segment.byteLength;
  }
}

function streamOf(views: Iterator<Uint8Array<ArrayBuffer>, undefined>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      pull(controller) {
        const { done, value } = views.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}
