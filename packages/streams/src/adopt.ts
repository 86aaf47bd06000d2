import { constructorsOf, type StreamFamily, type StreamPair } from "./stream-family.ts";

/** The part of Node's `stream.Readable` that is needed here, so that no Node types are. */
interface NodeReadable<T> extends AsyncIterable<T> {
  on(event: "error", listener: (error: unknown) => void): unknown;
  destroy(error?: Error): unknown;
}

/**
 * Makes a stream, or a pair of them, of the given family from one of another, and a readable stream from a Node
 * Readable or from anything that can be iterated. Native and polyfilled streams refuse each other in `pipeTo` and
 * `pipeThrough`; an adopted one is accepted. What is of the family already is returned as it is.
 *
 * Chunks are handed on by reference, one for each that is asked for. Errors, aborts and cancels pass in both directions.
 *
 * @param family Whose streams to make; `globalThis` by default, or a module such as `@sluice/streams/ponyfill`.
 * @throws {TypeError} when `stream` is none of these. Text and byte arrays are refused: put them into an array.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Readable } from "node:stream";
 * import { adopt, collectBytes } from "@sluice/streams";
 * import * as ponyfill from "@sluice/streams/ponyfill";
 *
 * const polyfilled = adopt(Readable.from([Buffer.from("water")]), ponyfill);
 * assert.ok(polyfilled instanceof ponyfill.ReadableStream);
 * assert.equal((await collectBytes(adopt(polyfilled))).byteLength, 5);
 * ```
 */
export function adopt<T>(stream: ReadableStream<T>, family?: StreamFamily): ReadableStream<T>;
export function adopt<T>(stream: WritableStream<T>, family?: StreamFamily): WritableStream<T>;
export function adopt<In, Out>(pair: StreamPair<In, Out>, family?: StreamFamily): StreamPair<In, Out>;
export function adopt<T>(chunks: AsyncIterable<T> | Iterable<T>, family?: StreamFamily): ReadableStream<T>;
export function adopt(given: unknown, family: StreamFamily = globalThis): unknown {
  if (given !== null && typeof given === "object" && !ArrayBuffer.isView(given)) {
    // Streams before iterables: a ReadableStream is both.
    if ("getReader" in given) return adoptReadable(given as ReadableStream, family);
    if ("getWriter" in given) return adoptWritable(given as WritableStream, family);
    if (Symbol.asyncIterator in given || Symbol.iterator in given)
      return adoptIterable(given as Iterable<unknown>, family);
    if ("readable" in given && "writable" in given) {
      const { readable, writable } = given as StreamPair<unknown, unknown>;
      return { readable: adopt(readable, family), writable: adopt(writable, family) };
    }
  }
  const received = ArrayBuffer.isView(given) ? "an array of bytes" : given === null ? "null" : typeof given;
  throw new TypeError(
    `Cannot adopt a stream: expected a ReadableStream, a WritableStream, a pair of them, a Node Readable or an iterable of chunks, received ${received}`,
  );
}

function adoptReadable<T>(foreign: ReadableStream<T>, family: StreamFamily): ReadableStream<T> {
  const { ReadableStream } = constructorsOf(family);
  if (foreign instanceof ReadableStream) return foreign;
  const reader = (foreign as ReadableStream<T>).getReader();
  return new ReadableStream<T>(
    {
      start(controller) {
        // An error is passed on when it happens, not when the next chunk is asked for.
        reader.closed.catch((reason) => controller.error(reason));
      },
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function adoptWritable<T>(foreign: WritableStream<T>, family: StreamFamily): WritableStream<T> {
  const { WritableStream } = constructorsOf(family);
  if (foreign instanceof WritableStream) return foreign;
  const writer = (foreign as WritableStream<T>).getWriter();
  return new WritableStream<T>({
    start(controller) {
      writer.closed.catch((reason) => controller.error(reason));
    },
    async write(chunk) {
      await writer.ready;
      await writer.write(chunk);
    },
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  });
}

function adoptIterable<T>(chunks: AsyncIterable<T> | Iterable<T>, family: StreamFamily): ReadableStream<T> {
  const { ReadableStream } = constructorsOf(family);
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  return new ReadableStream<T>(
    {
      start(controller) {
        // A Node stream that fails before its first read has no other listener, and would end the process.
        if (isNodeReadable(chunks)) chunks.on("error", (reason) => controller.error(reason));
      },
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        // Not `return()`: it would wait for a read that may never end.
        if (isNodeReadable(chunks)) chunks.destroy(reason instanceof Error ? reason : undefined);
        else await iterator.return?.(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function isNodeReadable<T>(chunks: object): chunks is NodeReadable<T> {
  return (
    "on" in chunks && typeof chunks.on === "function" && "destroy" in chunks && typeof chunks.destroy === "function"
  );
}
