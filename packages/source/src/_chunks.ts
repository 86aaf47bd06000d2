import { describe } from "./_describe.ts";
import { LentChunks } from "./_lent-chunks.ts";

/** A chunk, or the end. */
export interface Step {
  readonly done?: boolean | undefined;
  readonly value?: unknown;
  /** Whether the chunk's memory is used again for the next one. */
  readonly lent?: boolean | undefined;
}

/** What any stream or iterable comes down to. */
export interface Chunks {
  /** Nothing is opened, locked or read before the first call. */
  next(): Step | Promise<Step>;
  /** As `next`, for who copies chunks: each may come in the memory of the one before it, and in other bounds. */
  lend?(): Promise<Step>;
  /** Lets go of where the chunks come from, even while `next` is pending, or before it was ever called. */
  cancel(reason: unknown): Promise<unknown>;
}

/** The part of Node's `stream.Readable` that is needed here. */
interface NodeReadable {
  on(event: "error", listener: (error: unknown) => void): unknown;
  destroy(error?: Error): unknown;
}

/** Takes a stream or an iterable apart; undefined when `given` is neither. */
export function chunksOf(given: unknown): Chunks | undefined {
  // Text and arrays of bytes are iterable too, but what they iterate over are no chunks.
  if (given === null || typeof given !== "object" || ArrayBuffer.isView(given)) return undefined;
  if ("getReader" in given) return readerChunks(given as ReadableStream);
  if (Symbol.asyncIterator in given) return iteratorChunks(given as AsyncIterable<unknown>);
  if (Symbol.iterator in given) return iteratorChunks(given as Iterable<unknown>);
  return undefined;
}

function readerChunks(stream: ReadableStream): Chunks {
  if (stream.locked) {
    throw new TypeError(
      "Cannot make a source of a stream: it is locked, somebody else is reading it, received a locked ReadableStream",
    );
  }
  let reader: ReadableStreamDefaultReader | undefined;
  let lender: LentChunks | undefined;
  const next = (): Promise<Step> => {
    reader ??= stream.getReader();
    return reader.read();
  };
  return {
    next,
    lend() {
      if (!reader) lender ??= lenderOf(stream);
      return lender?.next() ?? next();
    },
    cancel: (reason) => (lender ?? reader ?? stream).cancel(reason),
  };
}

function lenderOf(stream: ReadableStream): LentChunks | undefined {
  try {
    return new LentChunks(stream);
  } catch {
    // No byte stream; one that is locked says so to `getReader`, too.
    return undefined;
  }
}

function iteratorChunks(iterable: AsyncIterable<unknown> | Iterable<unknown>): Chunks {
  const stream = isNodeReadable(iterable) ? iterable : undefined;
  let failed: { error: unknown } | undefined;
  // A Node stream that fails before its first read has no other listener, and would end the process.
  stream?.on("error", (error) => {
    failed = { error };
  });
  let iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  return {
    next() {
      if (failed && !iterator) throw failed.error;
      iterator ??= Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
      return iterator.next();
    },
    async cancel(reason) {
      // Not `return()`: it would wait for a read that may never end.
      if (stream) stream.destroy(reason instanceof Error ? reason : undefined);
      else await iterator?.return?.(reason);
    },
  };
}

function isNodeReadable(value: object): value is NodeReadable & AsyncIterable<unknown> {
  return "on" in value && typeof value.on === "function" && "destroy" in value && typeof value.destroy === "function";
}

/** What a chunk that is no Uint8Array is answered with. */
export function badChunkError(what: string, index: number, chunk: unknown): TypeError {
  const hint = typeof chunk === "string" ? "; encode it with a TextEncoderStream" : "";
  return new TypeError(
    `Cannot stream ${what}: chunk ${index} must be a Uint8Array, received ${describe(chunk)}${hint}`,
  );
}
