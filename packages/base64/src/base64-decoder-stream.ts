import { codecStream, type StreamPair, type StreamsOption } from "@sluice/streams";
import { type Base64DecoderOptions, createDecoder } from "./decoder.ts";

/** Options of `Base64DecoderStream`. */
export interface Base64DecoderStreamOptions extends Base64DecoderOptions, StreamsOption {}

/**
 * A stage from base64, as bytes or as text, to bytes. Malformed input errors it with a `MalformedBase64Error`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Base64DecoderStream } from "@sluice/base64";
 *
 * const decoder = new Base64DecoderStream({ mode: "mime" });
 * const decoded = new Blob(["dG8gdGhl\r\nIHdlaXI_\r\n=20"]).stream().pipeThrough(decoder);
 * await assert.rejects(new Response(decoded).text(), { code: "malformed-base64", offset: 21 });
 * ```
 */
export class Base64DecoderStream implements StreamPair<Uint8Array | string, Uint8Array<ArrayBuffer>> {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array | string>;

  /** @throws {TypeError} or {RangeError} when an option is wrong. */
  constructor(options: Base64DecoderStreamOptions = {}) {
    const pair = codecStream(createDecoder(options, "construct Base64DecoderStream"), options);
    this.readable = pair.readable;
    this.writable = pair.writable;
  }
}
