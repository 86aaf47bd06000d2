/**
 * Bytes read, and handed to a socket, at once; two of them, and what the socket needs, are less than 1 MiB a connection.
 * Each chunk is a read by another thread and some 5 KiB of garbage, whatever its size: 2 GiB in parts over four
 * connections took 1.7 to 1.8 times curl's CPU time in buffers of 256 KiB, and 1.2 to 1.5 times in 512 KiB and in 1 MiB.
 */
export const BUFFER_SIZE: number = 448 * 1024;
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
