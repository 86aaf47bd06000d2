import { checkOffset } from "./_check-range.ts";
import { chunkStream } from "./_chunk-stream.ts";
import type { Chunks } from "./_chunks.ts";
import { closedError } from "./_closed-error.ts";
import { CountedChunks } from "./_counted-chunks.ts";
import { called, describe } from "./_describe.ts";
import { isBytes } from "./_is-bytes.ts";
import { MAX_READ, type RangeReader, rangeStream } from "./_range-stream.ts";
import type { ByteRange, ByteSource, ReadOptions } from "./byte-source.ts";

/** Bytes of known number that can be read anywhere, and what is known about them. */
export interface PositionalBytes {
  readonly size: number;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly fingerprint: string | undefined;
  /** What streams are made of where that is cheaper than to fill buffers. */
  chunks?(start: number, end: number): Chunks;
  /** Called for every other stream and for every `read`, at its first byte. */
  open(use: "stream" | "read"): RangeReader | Promise<RangeReader>;
  blob?(start: number, end: number): Blob;
  /** Settles when nothing is held any more. All streams have been errored by then, but may still be in a read. */
  close?(): Promise<void>;
}

/** A replayable source: every stream has a reader of its own. */
export class PositionalSource implements ByteSource {
  readonly size: number;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly replayable = true;
  readonly fingerprint: string | undefined;
  readonly blob?: (start: number, end: number) => Blob;
  readonly #bytes: PositionalBytes;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(bytes: PositionalBytes) {
    this.size = bytes.size;
    this.name = bytes.name;
    this.type = bytes.type;
    this.fingerprint = bytes.fingerprint;
    this.#bytes = bytes;
    if (bytes.blob) {
      this.blob = (start, end) => {
        this.#check("slice", start, end);
        return bytes.blob?.(start, end) as Blob;
      };
    }
  }

  stream({ start = 0, end = this.size, signal }: ByteRange = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#check("stream", start, end);
    const signals = signal ? [this.#closing.signal, signal] : [this.#closing.signal];
    const chunks = this.#bytes.chunks?.(start, end);
    if (chunks) return chunkStream(chunks, new CountedChunks(called(this.name, "the source"), end - start), signals);
    return rangeStream(() => this.#bytes.open("stream"), { start, end, signals });
  }

  async read(into: Uint8Array, position: number, options: ReadOptions = {}): Promise<number> {
    const { signal, more = false } = options;
    this.#checkRead(into, position);
    this.#closing.signal.throwIfAborted();
    signal?.throwIfAborted();
    const length = Math.min(into.byteLength, this.size - position);
    if (length === 0) return 0;

    const opening = this.#bytes.open("read");
    // What need not be waited for is not: a wait costs as much garbage as everything else here.
    const reader = opening instanceof Promise ? await opening : opening;
    try {
      for (let count = 0; count < length; ) {
        const end = Math.min(count + MAX_READ, length);
        const part = count === 0 && end === into.byteLength ? into : into.subarray(count, end);
        count += await reader.read(part, position + count, options);
        signal?.throwIfAborted();
        this.#closing.signal.throwIfAborted();
      }
      if (!more) await reader.verify?.(position + length);
    } finally {
      const closing = reader.close?.();
      if (closing) await closing;
    }
    return length;
  }

  close(): Promise<void> {
    this.#closing.abort(closedError("read", this.name));
    this.#closed ??= Promise.resolve(this.#bytes.close?.());
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Apart, since a file is read thousands of times: what an error would say is not put together for each. */
  #checkRead(into: Uint8Array, position: number): void {
    if (isBytes(into) && Number.isSafeInteger(position) && position >= 0 && position <= this.size) return;
    const action = `read ${called(this.name, "the source")}`;
    if (!isBytes(into))
      throw new TypeError(`Cannot ${action}: "into" must be a Uint8Array, received ${describe(into)}`);
    checkOffset(action, "position", position, 0, this.size);
  }

  #check(verb: string, start: number, end: number): void {
    const action = `${verb} ${called(this.name, "the source")}`;
    checkOffset(action, "start", start, 0, this.size);
    checkOffset(action, "end", end, start, this.size);
    this.#closing.signal.throwIfAborted();
  }
}
