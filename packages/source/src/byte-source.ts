/// <reference lib="esnext.disposable" preserve="true" />

/** Which bytes of a source to stream, and when to stop. */
export interface ByteRange {
  /**
   * Where to begin.
   * @default 0
   */
  start?: number | undefined;
  /**
   * Where to end: the first byte that is left out.
   * @default the size
   */
  end?: number | undefined;
  /** Errors the stream with its reason, at most one read later. */
  signal?: AbortSignal | undefined;
}

/** Options of a positional read. */
export interface ReadOptions {
  /** Rejects with its reason, once the read in flight no longer writes into the caller's memory. */
  signal?: AbortSignal | undefined;
  /**
   * That the bytes behind these will be read, too, and that none count until a read without `more` has resolved: whether
   * the source changed need not be found out before that one.
   * @default false
   */
  more?: boolean | undefined;
  /**
   * Where the reads that follow this one will end, at the latest: a source that has to ask for its bytes asks for so many
   * at once.
   * @default the source's size
   */
  until?: number | undefined;
}

/** What may be said about bytes that do not say it themselves. */
export interface SourceInfo {
  /** What the file is called, without folders. */
  name?: string | undefined;
  /** Media type. */
  type?: string | undefined;
}

/**
 * Takes a chunk over. Where it returns a promise, the next one comes when that has resolved.
 * @param lent Whether its memory is used again from then on: who wants to keep it copies it.
 */
export type TakeChunk = (chunk: Uint8Array<ArrayBuffer>, lent?: boolean) => Promise<void> | undefined;

/** How `pour` hands chunks over. */
export interface PourOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether chunks may be lent, for who copies them anyway: a byte stream is then read into one piece of memory, and
   * not in the chunks in which it would have come.
   * @default false
   */
  readonly lend?: boolean | undefined;
}

/**
 * Bytes to be sent somewhere: from a file, from memory, from a server, from a stream. Whoever opens a source disposes it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { type ByteSource, bytesSource } from "@sluice/source";
 *
 * await using source: ByteSource = bytesSource(new TextEncoder().encode("a sluice gate"), { name: "gate.txt" });
 * const part = source.stream({ start: 2, end: 8 });
 * assert.equal(await new Response(part).text(), "sluice");
 * ```
 */
export interface ByteSource extends AsyncDisposable {
  /** How many bytes there are, where that is known before the last one. */
  readonly size: number | undefined;
  /** What the file is called, without folders. */
  readonly name: string | undefined;
  /** Media type. */
  readonly type: string | undefined;
  /** Whether any range can be streamed, again, and several at once. What is not replayable is streamed once, whole. */
  readonly replayable: boolean;
  /** Differs when the bytes may differ. Holds no credential. */
  readonly fingerprint: string | undefined;
  /**
   * The bytes, or some of them. Nothing is opened or read before the first chunk is asked for.
   * @throws {RangeError} when the range does not lie within the source.
   * @throws {TypeError} when the source is closed, or is not replayable and has been streamed.
   */
  stream(options?: ByteRange): ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * Fills `into` from `position`, where a positional read is cheap.
   * @returns How many bytes were put there: fewer than there is room for only where the source ends.
   */
  read?(into: Uint8Array, position: number, options?: ReadOptions): Promise<number>;
  /**
   * Hands every chunk to `take`, as `stream` would give them, where the bytes come once. With no stream and no promise
   * around each, a million small chunks take half the time.
   *
   * @returns When `take` has taken the last one.
   * @throws {AbortSignal["reason"]} at once when aborted, and what `take` throws: the rest is let go.
   */
  pour?(take: TakeChunk, options?: PourOptions): Promise<void>;
  /**
   * The bytes from `start` to `end` where they lie in memory, as views. They are not to be changed, and stay as they are
   * until who reads them is done.
   */
  views?(start: number, end: number): Iterable<Uint8Array<ArrayBuffer>>;
  /** The bytes from `start` to `end` as a Blob, where the source is one. Reads nothing. */
  blob?(start: number, end: number): Blob;
  /** Errors what is being streamed and releases what the source opened. What was passed in is left open. */
  close(): Promise<void>;
}
