import { chunkStream } from "./_chunk-stream.ts";
import type { Chunks } from "./_chunks.ts";
import { closedError } from "./_closed-error.ts";
import { CountedChunks } from "./_counted-chunks.ts";
import { called, describe } from "./_describe.ts";
import { pourChunks } from "./_pour-chunks.ts";
import type { ByteRange, ByteSource, PourOptions, SourceInfo, TakeChunk } from "./byte-source.ts";

/** Bytes that can be had once. */
export interface OneShotBytes extends SourceInfo {
  readonly size: number | undefined;
  /** What to call it in messages when it has no name. */
  readonly kind: string;
  readonly chunks: Chunks;
  /** Whether the chunks are the caller's own, and to be left alone unless they were taken. */
  readonly borrowed: boolean;
}

/** A source that is streamed once, whole. */
export class OneShotSource implements ByteSource {
  readonly size: number | undefined;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly replayable = false;
  readonly fingerprint = undefined;
  readonly #bytes: OneShotBytes;
  readonly #what: string;
  readonly #closing = new AbortController();
  #taken = false;
  #closed: Promise<void> | undefined;

  constructor(bytes: OneShotBytes) {
    this.size = bytes.size;
    this.name = bytes.name;
    this.type = bytes.type;
    this.#bytes = bytes;
    this.#what = called(bytes.name, bytes.kind);
  }

  stream({ start = 0, end = this.size, signal }: ByteRange = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#checkWhole("start", start, 0);
    this.#checkWhole("end", end, this.size);
    const signals = this.#begin(signal);
    return chunkStream(this.#bytes.chunks, this.#counted(), signals);
  }

  async pour(take: TakeChunk, { signal, lend = false }: PourOptions = {}): Promise<void> {
    const signals = this.#begin(signal);
    await pourChunks(this.#bytes.chunks, this.#counted(), take, signals, lend);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The bytes are being taken. @returns What ends that. */
  #begin(signal: AbortSignal | undefined): readonly AbortSignal[] {
    this.#closing.signal.throwIfAborted();
    if (this.#taken) {
      throw new TypeError(
        `Cannot stream ${this.#what} again: its bytes come once and have been taken. Store them, or make a new source`,
      );
    }
    this.#taken = true;
    return signal ? [this.#closing.signal, signal] : [this.#closing.signal];
  }

  #counted(): CountedChunks {
    return new CountedChunks(this.#what, this.size);
  }

  async #close(): Promise<void> {
    const reason = closedError("read", this.name);
    this.#closing.abort(reason);
    if (this.#bytes.borrowed && !this.#taken) return;
    // What went wrong there, whoever read the stream has been told.
    await this.#bytes.chunks.cancel(reason).catch(() => {});
  }

  #checkWhole(option: "start" | "end", value: number | undefined, whole: number | undefined): void {
    if (value === whole) return;
    if (typeof value !== "number") {
      throw new TypeError(`Cannot stream ${this.#what}: "${option}" must be a number, received ${describe(value)}`);
    }
    throw new RangeError(
      `Cannot stream a range of ${this.#what}: its bytes come once, in order, so "${option}" must be ${whole ?? "left out"}, received ${value}`,
    );
  }
}
