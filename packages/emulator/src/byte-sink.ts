import type { Digests } from "./byte-job.ts";

/** What became of a run of bytes. */
export interface Stored {
  readonly size: number;
  readonly digests: Digests | undefined;
  readonly path: string | undefined;
}

/** Where the bytes of one body go. */
export interface ByteSink {
  /** Takes a copy; a promise asks to be awaited before the next call. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  finish(): Promise<Stored>;
  /** Lets go of everything that was written. */
  abort(): void;
}

/** Counts, for where neither digests nor bytes are wanted. */
export class CountingSink implements ByteSink {
  #size = 0;

  write(chunk: Uint8Array): undefined {
    this.#size += chunk.length;
  }

  finish(): Promise<Stored> {
    return Promise.resolve({ size: this.#size, digests: undefined, path: undefined });
  }

  abort(): void {}
}

/** The side of the worker that a {@link BlockSink} speaks to. */
export interface BlockPort {
  /** A block to fill: one used before, where there is one. */
  take(): ArrayBuffer;
  send(block: ArrayBuffer, length: number): void;
  finish(): Promise<Digests | undefined>;
  abort(): void;
}

/** One block is being filled while the others are with the worker: 768 KiB a body, whatever its size. */
const BLOCKS = 3;

/** Copies chunks into blocks that go to the worker and come back. */
export class BlockSink implements ByteSink {
  readonly #port: BlockPort;
  readonly #path: string | undefined;
  #block: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #out = 0;
  #size = 0;
  #failure: Error | undefined;
  #waiting: (() => void) | undefined;

  constructor(port: BlockPort, path: string | undefined) {
    this.#port = port;
    this.#path = path;
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#failure !== undefined) return Promise.reject(this.#failure);
      if (this.#block === undefined) {
        if (this.#out === BLOCKS) return this.#returned().then(() => this.write(chunk.subarray(at)));
        this.#block = new Uint8Array(this.#port.take());
      }
      const piece = chunk.subarray(at, at + this.#block.length - this.#filled);
      this.#block.set(piece, this.#filled);
      this.#filled += piece.length;
      this.#size += piece.length;
      at += piece.length;
      if (this.#filled === this.#block.length) this.#flush();
    }
    return undefined;
  }

  async finish(): Promise<Stored> {
    this.#flush();
    const digests = await this.#port.finish();
    return { size: this.#size, digests, path: this.#path };
  }

  abort(): void {
    this.#block = undefined;
    this.#port.abort();
  }

  /** The worker is through with a block. */
  blockReturned(): void {
    this.#out -= 1;
    this.#waiting?.();
  }

  /** The worker could not go on. */
  fail(error: Error): void {
    this.#failure = error;
    this.#waiting?.();
  }

  #flush(): void {
    if (this.#block === undefined) return;
    this.#out += 1;
    this.#port.send(this.#block.buffer, this.#filled);
    this.#block = undefined;
    this.#filled = 0;
  }

  #returned(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
