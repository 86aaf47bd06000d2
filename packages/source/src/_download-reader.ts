import type { Chunks } from "./_chunks.ts";
import type { RangeReader } from "./_range-stream.ts";
import type { ReadOptions } from "./byte-source.ts";

/**
 * How long a download that nobody goes on reading is kept, in milliseconds: it holds a connection. Who sends what he reads
 * over a slow line comes back after half a minute, and would have it begun anew for each buffer.
 */
const LINGER = 300_000;
/** Bytes of a chunk. The network gives 64 KiB where there is much to be given. */
const WORTH_FREEING = 16 * 1024;
const NOTHING: Uint8Array = new Uint8Array();

export interface DownloadReaderOptions {
  readonly size: number;
  /** Whether chunks may be detached when their bytes have been copied. */
  readonly release: boolean;
}

/**
 * Reads by position of what comes in order: a read that begins where another one ended goes on with its download. So
 * whoever reads a range with buffers of his own asks the server once, and holds no chunk of the network's.
 */
export class DownloadReader implements RangeReader {
  readonly #open: (start: number, end: number) => Chunks;
  readonly #options: DownloadReaderOptions;
  /** Those that wait for their next read. */
  readonly #parked = new Set<Running>();
  readonly #busy = new Set<Running>();

  constructor(open: (start: number, end: number) => Chunks, options: DownloadReaderOptions) {
    this.#open = open;
    this.#options = options;
  }

  async read(into: Uint8Array, position: number, { signal, until }: ReadOptions = {}): Promise<number> {
    const { size, release } = this.#options;
    const last = until ?? size;
    // To ask for one byte at a time would be worse than to ask for what is not wanted.
    const end = last > position ? last : position + into.byteLength;
    const running = this.#take(position, signal) ?? this.#start(position, end, signal);
    this.#busy.add(running);
    try {
      const count = await running.fill(into, release);
      if (running.position < running.end) this.#park(running);
      return count;
    } catch (error) {
      await running.cancel(error);
      throw error;
    } finally {
      this.#busy.delete(running);
    }
  }

  /** Ends everything: what is being read rejects with the reason. */
  async end(reason: unknown): Promise<void> {
    const all = [...this.#busy, ...this.#parked];
    this.#parked.clear();
    await Promise.all(all.map((running) => running.cancel(reason)));
  }

  /** One that stands there; not one of another reader's, who may stop it. */
  #take(position: number, signal: AbortSignal | undefined): Running | undefined {
    for (const running of this.#parked) {
      if (running.position !== position || running.signal !== signal) continue;
      clearTimeout(running.timer);
      this.#parked.delete(running);
      return running;
    }
    return undefined;
  }

  #start(position: number, end: number, signal: AbortSignal | undefined): Running {
    const running = new Running(this.#open(position, end), position, end, signal);
    running.onAbort = () => {
      this.#parked.delete(running);
      running.cancel(signal?.reason);
    };
    signal?.addEventListener("abort", running.onAbort);
    return running;
  }

  #park(running: Running): void {
    this.#parked.add(running);
    running.timer = setTimeout(() => {
      this.#parked.delete(running);
      running.cancel(new Error("Nobody went on reading"));
    }, LINGER);
    // Where there is a process, it need not wait for that.
    (running.timer as { unref?: () => void }).unref?.();
  }
}

/** One download, and how far it has been read. */
class Running {
  readonly end: number;
  readonly signal: AbortSignal | undefined;
  position: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  onAbort: (() => void) | undefined;
  readonly #chunks: Chunks;
  /** What has come last, and where the bytes in it begin that have not been copied yet. */
  #chunk = NOTHING;
  #copied = 0;
  #stopped: { readonly reason: unknown } | undefined;

  constructor(chunks: Chunks, position: number, end: number, signal: AbortSignal | undefined) {
    this.#chunks = chunks;
    this.position = position;
    this.end = end;
    this.signal = signal;
  }

  /** Copies until the buffer is full, or the range is at its end. */
  async fill(into: Uint8Array, release: boolean): Promise<number> {
    let count = 0;
    while (count < into.byteLength && this.position < this.end) {
      if (this.#copied === this.#chunk.byteLength) [this.#chunk, this.#copied] = [await this.#next(), 0];
      const bytes = this.#chunk.subarray(this.#copied, this.#copied + into.byteLength - count);
      into.set(bytes, count);
      count += bytes.byteLength;
      this.#copied += bytes.byteLength;
      this.position += bytes.byteLength;
      if (release && this.#copied === this.#chunk.byteLength) this.#free();
    }
    if (this.position === this.end) await this.#finish();
    return count;
  }

  /** Stops it: what is being read rejects with the reason. Never rejects itself. */
  async cancel(reason: unknown): Promise<void> {
    this.#ignoreSignal();
    this.#chunk = NOTHING;
    this.#copied = 0;
    this.#stopped ??= { reason };
    await this.#chunks.cancel(reason);
  }

  async #next(): Promise<Uint8Array> {
    const { value } = await this.#chunks.next();
    if (this.#stopped) throw this.#stopped.reason;
    return value as Uint8Array;
  }

  /** Reads the end behind the last byte, so that the connection can be used again. */
  async #finish(): Promise<void> {
    this.#ignoreSignal();
    await this.#chunks.next();
  }

  #ignoreSignal(): void {
    clearTimeout(this.timer);
    if (this.onAbort) this.signal?.removeEventListener("abort", this.onAbort);
  }

  /**
   * Gives the chunk's memory back at once. The garbage collector of Node lets 100 MiB of such chunks gather: 2 GiB took
   * 178 MiB and 2.2 s of CPU time without this, 97 MiB and 1.3 s with it. A chunk that is a part of something larger is
   * left alone, for that may be the pool of all small buffers of the process; and so are small ones: to undici's parser
   * it is fatal if its constant for "nothing", which comes as a chunk now and then, is detached.
   */
  #free(): void {
    const { buffer, byteLength } = this.#chunk;
    this.#chunk = NOTHING;
    this.#copied = 0;
    if (byteLength >= WORTH_FREEING && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) {
      buffer.transfer?.(0);
    }
  }
}
