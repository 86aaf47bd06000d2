import type { ZlibStream } from "./node-zlib.ts";
import { inOwnMemory } from "./own-memory.ts";

/**
 * Output of one round trip to zlib's thread. Node's own 16 KiB cost four times as many of them; the platform's classes use
 * those.
 */
export const ZLIB_OUTPUT = 131_072;

/**
 * Runs a `node:zlib` stream by demand: output is taken only when it is asked for, and one piece is made ahead on zlib's
 * thread, since its readable side holds one byte "too many" as soon as it holds anything.
 */
export class ZlibPump {
  readonly #stream: ZlibStream;
  #wake: () => void = () => {};
  #taken = false;
  #ended = false;
  #closed = false;
  #failure: { readonly error: Error & { code?: string } } | undefined;

  /** @param stream Made with `readableHighWaterMark: 1`. */
  constructor(stream: ZlibStream) {
    this.#stream = stream;
    stream.on("readable", () => this.#wake());
    stream.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    stream.on("error", (error) => {
      this.#failure = { error };
      this.#wake();
    });
    stream.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Bytes of input that zlib has consumed. */
  get consumed(): number {
    return this.#stream.bytesWritten;
  }

  /** Yields what comes out for `input`, which may be used again once this has ended. */
  async *write(input: Uint8Array): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    this.#taken = false;
    this.#stream.write(input, () => {
      this.#taken = true;
      this.#wake();
    });
    yield* this.#until(() => this.#taken);
  }

  /** Yields what is left when there is no more input. */
  async *end(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    this.#stream.end();
    yield* this.#until(() => this.#ended);
    this.close();
  }

  /** Releases zlib's memory; at once, or when the thread that uses it has finished. */
  close(): void {
    this.#stream.destroy();
  }

  async *#until(reached: () => boolean): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    while (!this.#closed) {
      if (this.#failure) throw this.#failure.error;
      // Before the last read: what is pushed together with the event is still to be read then.
      const last = reached();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const output = this.#stream.read();
      if (output !== null) yield inOwnMemory(output);
      else if (last) return;
      else await promise;
    }
    if (this.#failure) throw this.#failure.error;
  }
}
