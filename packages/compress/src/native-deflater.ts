import type { CompressionFormat } from "./compression-format.ts";
import type { Deflater } from "./deflater.ts";
import { piecesInOwnMemory } from "./own-memory.ts";

type Output = Uint8Array<ArrayBuffer>;

/** Deflates by the platform's `CompressionStream`: one read is under way, and what it gave waits until it is asked for. */
export class NativeDeflater implements Deflater {
  readonly #reader: ReadableStreamDefaultReader<Output>;
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  #ready: Output | undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(Native: typeof CompressionStream, format: CompressionFormat) {
    const { readable, writable } = new Native(format);
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    // Heard of by the reads and writes.
    this.#reader.closed.catch(() => {});
    this.#writer.closed.catch(() => {});
    this.#read();
  }

  async *push(block: Output): AsyncGenerator<Output, void, undefined> {
    let taken = false;
    // A copy: platforms may call a chunk written before they have read it. Node does, of small ones.
    this.#writer.write(block.slice()).then(() => {
      taken = true;
      this.#wake();
    }, this.#fail);
    yield* this.#until(() => taken);
  }

  async *finish(): AsyncGenerator<Output, void, undefined> {
    this.#writer.close().catch(this.#fail);
    yield* this.#until(() => this.#ended);
  }

  async release(): Promise<void> {
    await Promise.allSettled([this.#writer.abort(), this.#reader.cancel()]);
  }

  readonly #fail = (error: unknown): void => {
    this.#failure ??= { error };
    this.#wake();
  };

  #read(): void {
    this.#reader.read().then(({ done, value }) => {
      this.#ready = value;
      this.#ended = done;
      this.#wake();
    }, this.#fail);
  }

  async *#until(reached: () => boolean): AsyncGenerator<Output, void, undefined> {
    while (true) {
      if (this.#failure) throw this.#failure.error;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const output = this.#ready;
      if (output) {
        this.#ready = undefined;
        this.#read();
        yield* piecesInOwnMemory(output);
      } else if (reached()) return;
      else await promise;
    }
  }
}
