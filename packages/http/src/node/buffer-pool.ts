/**
 * Bytes read, and handed to a socket, at once; two of them are what a connection costs. 256 KiB stay in the cache of a
 * core (512 KiB here) between being read and being sent: 2 GiB over loopback took 1.2 s of system time, in buffers of
 * 512 KiB 2.1 s, and of 128 KiB 1.6 s with twice the user time.
 */
export const BUFFER_SIZE: number = 256 * 1024;
/** Buffers kept for the next request: those of four connections. */
const KEPT = 8;

/** The read buffers of one client. A buffer is given back only when nothing can read it any more. */
export class BufferPool {
  readonly #idle: Uint8Array<ArrayBuffer>[] = [];
  /** Bytes in a buffer. */
  readonly size: number;

  constructor(size: number = BUFFER_SIZE) {
    this.size = size;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#idle.pop() ?? new Uint8Array(this.size);
  }

  give(buffer: Uint8Array<ArrayBuffer>): void {
    if (buffer.byteLength === this.size && this.#idle.length < KEPT) this.#idle.push(buffer);
  }

  clear(): void {
    this.#idle.length = 0;
  }
}
