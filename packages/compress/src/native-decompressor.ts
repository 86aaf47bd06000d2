import type { StreamPair, StreamsOption } from "@sluice/streams";
import { Frame, type FrameSettings } from "./frame.ts";
import { BadData } from "./malformed-data.ts";
import { nativeIsStrict } from "./native-classes.ts";
import { piecesInOwnMemory } from "./own-memory.ts";
import { type BytesChunk, OwnedPieces } from "./owned-pieces.ts";

type Output = Uint8Array<ArrayBuffer>;

/**
 * Input given at a time. Platforms inflate a whole chunk into their queue before its write is done, wanted or not: at
 * deflate's most, 1032 to 1, this is 8 MiB.
 */
const SLICE = 8_192;

/**
 * Decompresses by the platform's `DecompressionStream`, whose two ends lie behind these two. It is no generator of a
 * `pullPair`, because a platform does not tell when all that a write brings has come out, or where the data ends. So the
 * last bytes, which may be the trailer, are kept from it until the input is closed.
 */
export class NativeDecompressor implements StreamPair<BytesChunk, Output> {
  readonly readable: ReadableStream<Output>;
  readonly writable: WritableStream<BytesChunk>;
  readonly #frame: Frame;
  readonly #pieces = new OwnedPieces("decompress");
  readonly #reader: ReadableStreamDefaultReader<Output>;
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  #source!: ReadableStreamDefaultController<Output>;
  #sink!: WritableStreamDefaultController;
  #held: Output = new Uint8Array(0);
  #given = 0;
  #over: { readonly reason: unknown } | undefined;
  /** Fulfilled unless the platform's class cannot be trusted. */
  readonly #trusted: Promise<void>;
  /** Fulfilled while a read is waiting. */
  #demand = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<void>();

  constructor(Native: typeof DecompressionStream, settings: FrameSettings, { streams }: StreamsOption) {
    // Every family has these; only the declarations differ.
    const { ReadableStream, WritableStream } = (streams ?? globalThis) as typeof globalThis;
    const native = new Native("deflate-raw");
    this.#frame = new Frame(settings);
    this.#reader = native.readable.getReader();
    this.#writer = native.writable.getWriter();
    this.#trusted = nativeIsStrict(Native).then((strict) => {
      if (strict) return;
      throw new RangeError(
        'Cannot decompress by engine "native": the DecompressionStream of this platform accepts data with something behind it. Use "zlib" or "fflate"',
      );
    });
    // Heard of by the reads and writes.
    const promises = [this.#reader.closed, this.#writer.closed, this.#finished.promise, this.#trusted];
    for (const promise of promises) promise.catch(() => {});
    this.readable = new ReadableStream<Output>(
      {
        start: (controller) => {
          this.#source = controller;
        },
        pull: () => this.#pull(),
        cancel: (reason) => this.#stop(reason),
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<BytesChunk>({
      start: (controller) => {
        this.#sink = controller;
        // At once: the standard calls `abort` only when the write under way is done, which may wait for a read.
        controller.signal.addEventListener("abort", () => void this.#release(controller.signal.reason), { once: true });
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#release(reason),
    });
  }

  async #pull(): Promise<void> {
    this.#demand.resolve();
    try {
      const { done, value } = await this.#reader.read().catch(this.#refused);
      if (this.#over) return;
      if (done) this.#end();
      else {
        this.#frame.check(value, this.#given);
        this.#demand = Promise.withResolvers<void>();
        for (const piece of piecesInOwnMemory(value)) this.#source.enqueue(piece);
      }
    } catch (reason) {
      await this.#stop(reason);
    }
  }

  async #write(chunk: BytesChunk): Promise<void> {
    try {
      // The first piece is copied at once: whoever transfers the chunk away does it when something else has been read.
      for (const piece of this.#pieces.of(chunk)) {
        await this.#wanted();
        await this.#trusted;
        const body = this.#frame.next === "body" ? piece : this.#frame.read(piece);
        if (this.#frame.next === "body") await this.#give(body);
      }
    } catch (reason) {
      await this.#stop(reason);
      throw reason;
    }
  }

  async #give(body: Uint8Array): Promise<void> {
    this.#frame.inBody(body.length);
    const bytes = new Uint8Array(this.#held.length + body.length);
    bytes.set(this.#held);
    bytes.set(body, this.#held.length);
    const end = Math.max(0, bytes.length - this.#frame.trailerSize);
    this.#held = bytes.slice(end);
    for (let offset = 0; offset < end; offset += SLICE) {
      await this.#wanted();
      const slice = bytes.subarray(offset, Math.min(offset + SLICE, end));
      await this.#writer.write(slice).catch(this.#refused);
      this.#given += slice.length;
    }
  }

  async #close(): Promise<void> {
    try {
      if (this.#frame.next === "header") this.#frame.end();
      this.#frame.endWithBody();
    } catch (reason) {
      await this.#stop(reason);
      throw reason;
    }
    this.#writer.close().catch((error) => this.#stop(this.#frame.located(refused(error), this.#given)));
    return this.#finished.promise;
  }

  /** The platform has found the end of the data. */
  #end(): void {
    this.#frame.endBody(-this.#held.length);
    if (this.#held.length > 0) this.#frame.read(this.#held);
    this.#frame.end();
    this.#source.close();
    this.#finished.resolve();
  }

  async #wanted(): Promise<void> {
    await this.#demand.promise;
    if (this.#over) throw this.#over.reason;
  }

  readonly #refused = (error: unknown): never => {
    throw this.#frame.located(refused(error), this.#given);
  };

  /** Ends both sides, whichever it came from, and releases the platform's. */
  async #stop(reason: unknown): Promise<void> {
    if (this.#over) return;
    this.#sink.error(reason);
    await this.#release(reason);
  }

  /** The same where the writable side is told by whoever aborts it: Node 22 fails to when it has an error already. */
  async #release(reason: unknown): Promise<void> {
    if (this.#over) return;
    this.#over = { reason };
    // Without effect on a side that was cancelled.
    this.#source.error(reason);
    this.#finished.reject(reason);
    this.#demand.resolve();
    await Promise.allSettled([this.#writer.abort(reason), this.#reader.cancel(reason)]);
  }
}

/** The platform does not say why: that the data is cut short, or followed by something, is the same to it. */
function refused(error: unknown): BadData {
  return new BadData("malformed-data", "the platform's DecompressionStream refuses the data", error);
}
