import type { ByteSource } from "@sluice/source";

/** A source that knows how far it was read: a request that has not got the last byte of its body was never whole. */
export class WatchedSource implements ByteSource {
  readonly size: number | undefined;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly replayable: boolean;
  readonly fingerprint: string | undefined;
  readonly read?: NonNullable<ByteSource["read"]>;
  readonly #source: ByteSource;
  #furthest = 0;

  constructor(source: ByteSource) {
    this.size = source.size;
    this.name = source.name;
    this.type = source.type;
    this.replayable = source.replayable;
    this.fingerprint = source.fingerprint;
    this.#source = source;
    if (source.read) {
      this.read = async (into, position, options) => {
        // Before it is read: what is told must never be less than what was.
        this.#see(position + into.byteLength);
        return (await source.read?.(into, position, options)) ?? 0;
      };
    }
  }

  /** Whether the last byte may have been read. */
  get wasWhole(): boolean {
    return this.size === undefined || this.#furthest >= this.size;
  }

  stream(range: Parameters<ByteSource["stream"]>[0] = {}): ReturnType<ByteSource["stream"]> {
    let position = range.start ?? 0;
    const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, controller) => {
        position += chunk.byteLength;
        this.#see(position);
        controller.enqueue(chunk);
      },
    });
    return this.#source.stream(range).pipeThrough(counter);
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #see(position: number): void {
    this.#furthest = Math.max(this.#furthest, position);
  }
}

/** Nothing was started: the request that would have was never whole. `runJob` goes by `reached`. */
export class NotSentError extends Error {
  override readonly name = "NotSentError";
  readonly reached = false;

  constructor(cause: unknown) {
    super("The file was not sent to its end", { cause });
  }
}
