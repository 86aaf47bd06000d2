import { checkInfo, checkSize } from "./_check-info.ts";
import { chunksOf } from "./_chunks.ts";
import { describe } from "./_describe.ts";
import { OneShotSource } from "./_one-shot-source.ts";
import type { ByteSource, SourceInfo } from "./byte-source.ts";

/** Options of `streamSource`. */
export interface StreamSourceOptions extends SourceInfo {
  /** How many bytes there will be. One more or one less errors the stream with a `SizeMismatchError`. */
  size?: number | undefined;
}

/**
 * Makes a source of bytes that come once: a `ReadableStream` of any implementation, a Node Readable, or an iterable of
 * `Uint8Array`. Chunks are handed on as they are. Closing the source lets go of the stream if it was begun, and leaves
 * it alone otherwise: it was opened by the caller.
 *
 * @throws {TypeError} for text, which is no stream of bytes; for bytes (`bytesSource`) and Blobs (`blobSource`).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SizeMismatchError, streamSource } from "@sluice/source";
 *
 * const source = streamSource([new Uint8Array(3)], { size: 4, name: "short.bin" });
 * await assert.rejects(new Response(source.stream()).bytes(), SizeMismatchError);
 * ```
 */
export function streamSource(
  stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: StreamSourceOptions = {},
): ByteSource {
  const action = "make a source of a stream";
  checkInfo(action, options);
  checkSize(action, options.size);
  const chunks = chunksOf(stream);
  if (chunks === undefined) {
    const hint =
      typeof stream === "string" ? ': for a path or a URL, use toSource or file of "@sluice/source/node"' : "";
    throw new TypeError(
      `Cannot ${action}: "stream" must be a ReadableStream, a Node Readable or an iterable of Uint8Array, received ${describe(stream)}${hint}`,
    );
  }
  const { size, name, type } = options;
  return new OneShotSource({ size, name, type, kind: "the stream", chunks, borrowed: true });
}
