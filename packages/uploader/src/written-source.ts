import { untilAborted } from "@sluice/retry";
import type { ByteRange, ByteSource, TakeChunk } from "@sluice/source";

/** What is written to it, as a source that is read once. A write is done when the chunk has been taken over. */
export class WrittenSource implements ByteSource {
  readonly size: number | undefined;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly replayable = false;
  readonly fingerprint = undefined;
  /** Resolves when the chunks are wanted. */
  readonly #begun = Promise.withResolvers<TakeChunk>();
  readonly #end = Promise.withResolvers<void>();
  #take: TakeChunk | undefined;

  constructor({ size, name, type }: Pick<ByteSource, "size" | "name" | "type">) {
    this.size = size;
    this.name = name;
    this.type = type;
    // A write that waits is told; nobody else need be.
    this.#begun.promise.catch(() => {});
    this.#end.promise.catch(() => {});
  }

  write(chunk: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    return this.#take ? this.#give(this.#take, chunk) : this.#begun.promise.then((take) => this.#give(take, chunk));
  }

  end(): void {
    this.#end.resolve();
  }

  /** Whoever reads is told, and a write that waits for somebody who does. */
  fail(reason: unknown): void {
    this.#begun.reject(reason);
    this.#end.reject(reason);
  }

  pour(take: TakeChunk, { signal }: Pick<ByteRange, "signal"> = {}): Promise<void> {
    this.#take = take;
    this.#begun.resolve(take);
    const { promise } = this.#end;
    return signal ? untilAborted(() => promise, signal) : promise;
  }

  /** For who cannot do without a stream. */
  stream(options?: Pick<ByteRange, "signal">): ReadableStream<Uint8Array<ArrayBuffer>> {
    let wanted = Promise.withResolvers<void>();
    return new ReadableStream(
      {
        start: (controller) => {
          const give = async (chunk: Uint8Array<ArrayBuffer>) => {
            await wanted.promise;
            wanted = Promise.withResolvers();
            controller.enqueue(chunk);
          };
          this.pour(give, options).then(
            () => controller.close(),
            (reason: unknown) => controller.error(reason),
          );
        },
        pull: () => wanted.resolve(),
        cancel: (reason) => {
          // There may be no write that waits for it.
          wanted.promise.catch(() => {});
          wanted.reject(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  #give(take: TakeChunk, chunk: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    try {
      return take(chunk)?.catch(this.#refuse);
    } catch (reason) {
      return this.#refuse(reason);
    }
  }

  /** Why a chunk was not taken is why the source has ended. */
  readonly #refuse = (reason: unknown): never => {
    this.#end.reject(reason);
    throw reason;
  };

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
