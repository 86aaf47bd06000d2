import { type Controller, Outlet } from "./_outlet.ts";
import type { ReadOptions } from "./byte-source.ts";

/** What a stream of a range reads from. Made when the first chunk is asked for, closed once, however the stream ends. */
export interface RangeReader {
  /**
   * Puts bytes from `position` into `into`.
   * @returns How many; 0 is the end of bytes whose number is not known. With a known number, an early end is to throw.
   */
  read(into: Uint8Array, position: number, options?: ReadOptions): number | Promise<number>;
  /** Throws when the bytes are not those that were promised. Called before the last ones, up to `end`, are handed on. */
  verify?(end: number): void | Promise<void>;
  close?(): void | Promise<void> | undefined;
}

export interface RangeStreamOptions {
  readonly start: number;
  /** Infinity where the end is not known. */
  readonly end: number;
  /** Each errors the stream with its reason. */
  readonly signals: readonly AbortSignal[];
  /** Bytes in a chunk, for who does not bring a buffer. */
  readonly chunkSize?: number | undefined;
  /** For tests: whether to make byte streams. */
  readonly byteStreams?: boolean | undefined;
}

/** One hop costs about 1.6 µs, 256 KiB about 40: less is spent on plumbing than the noise of a disk. */
const CHUNK_SIZE: number = 256 * 1024;
/** No single read is larger, so that an abort is noticed soon and no thread is held for long. */
export const MAX_READ: number = 1024 * 1024;
/** workerd brings memory for a reader that brings none: 4 KiB, unless it is told how much. */
const BRINGS_MEMORY = globalThis.navigator?.userAgent === "Cloudflare-Workers";

/**
 * Makes a stream of a range: a byte stream, into whose reader's buffer `read` writes directly, where the runtime has
 * those. Reads one chunk at a time and only when asked to.
 */
export function rangeStream(
  open: () => RangeReader | Promise<RangeReader>,
  { start, end, signals, chunkSize = CHUNK_SIZE, byteStreams = hasByteStreams() }: RangeStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const filler = new RangeFiller(open, start, end, signals);
  const source = {
    start(controller: Controller) {
      filler.outlet = new Outlet(controller, chunkSize);
    },
    pull: () => filler.pull(),
    cancel: () => filler.cancel(),
  };
  if (!byteStreams) return new ReadableStream(source, { highWaterMark: 0 });
  // Elsewhere it would cost more than it does for us: see `Outlet.view`.
  const allocate = BRINGS_MEMORY && { autoAllocateChunkSize: Math.max(1, Math.min(chunkSize, end - start)) };
  return new ReadableStream({ ...source, ...allocate, type: "bytes" });
}

class RangeFiller {
  /** Set as soon as there is a controller, which is before anything is pulled. */
  outlet!: Outlet;
  readonly #open: () => RangeReader | Promise<RangeReader>;
  readonly #end: number;
  readonly #signals: readonly AbortSignal[];
  #position: number;
  #reader: RangeReader | undefined;
  #working: Promise<void> | undefined;
  #stopListening: (() => void) | undefined;
  /** Cancelled, aborted or failed: whatever is still in flight is thrown away. */
  #over = false;

  constructor(
    open: () => RangeReader | Promise<RangeReader>,
    start: number,
    end: number,
    signals: readonly AbortSignal[],
  ) {
    this.#open = open;
    this.#position = start;
    this.#end = end;
    this.#signals = signals;
  }

  pull(): Promise<void> {
    this.#working = this.#reader === undefined ? this.#begin() : this.#read(this.#reader);
    return this.#working;
  }

  /** Settles when nothing is read and nothing is held any more. */
  async cancel(): Promise<void> {
    this.#over = true;
    await this.#working;
    await this.#release();
  }

  async #begin(): Promise<void> {
    try {
      this.#listen();
      this.#reader = await this.#open();
    } catch (error) {
      return this.#fail(error);
    }
    await (this.#over ? this.#release() : this.#read(this.#reader));
  }

  /**
   * What waits for a read is alive in every collection meanwhile. As an async function it was 1.9 kB beside a pipe that
   * made much garbage, V8 took it for a reason to let the heap's young half grow, and memory went up by 8 MiB in 4 GiB.
   */
  #read(reader: RangeReader): Promise<void> {
    try {
      const left = this.#end - this.#position;
      if (left === 0) return this.#finish(0);
      const view = this.outlet.view(left);
      const room = Math.min(view.byteLength, left, MAX_READ);
      const into = room === view.byteLength ? view : view.subarray(0, room);
      return Promise.resolve(reader.read(into, this.#position)).then(this.#give, this.#fail);
    } catch (error) {
      return this.#fail(error);
    }
  }

  readonly #give = (count: number): Promise<void> | undefined => {
    this.#position += count;
    if (this.#over) return this.#release();
    if (count === 0 || this.#position === this.#end) return this.#finish(count);
    this.outlet.give(count);
    return undefined;
  };

  async #finish(count: number): Promise<void> {
    try {
      // Before the last bytes, not after them: who counts bytes stops at the last one and never sees an error behind it.
      await this.#reader?.verify?.(this.#position);
      await this.#release();
      if (this.#over) return;
      if (count > 0) this.outlet.give(count);
      this.outlet.close();
    } catch (error) {
      await this.#fail(error);
    }
  }

  readonly #fail = async (error: unknown): Promise<void> => {
    this.#over = true;
    // Before the error: whoever gets it may count on the file being closed. After an abort it changes nothing.
    await this.#release().catch(() => {});
    this.outlet.error(error);
  };

  /** Listens from the first chunk on: a stream that nobody reads must not hang on a signal that lives for days. */
  #listen(): void {
    const abort = (event: Event) => {
      this.#over = true;
      this.outlet.error((event.target as AbortSignal).reason);
      // A read in flight releases when it returns.
      this.#working?.then(() => this.#release()).catch(() => {});
    };
    this.#stopListening = () => {
      for (const signal of this.#signals) signal.removeEventListener("abort", abort);
    };
    for (const signal of this.#signals) {
      signal.throwIfAborted();
      signal.addEventListener("abort", abort);
    }
  }

  async #release(): Promise<void> {
    this.#stopListening?.();
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close?.();
  }
}

let byteStreams: boolean | undefined;

/** WebKitGTK 2.50 has no byte streams, and Safari has them since 26.4. */
function hasByteStreams(): boolean {
  try {
    byteStreams ??= new ReadableStream({ type: "bytes" }) !== undefined;
  } catch {
    byteStreams = false;
  }
  return byteStreams;
}
