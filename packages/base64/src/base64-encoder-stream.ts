import { codecStream, type StreamPair, type StreamsOption } from "@sluice/streams";
import { type Base64EncoderOptions, type Base64Output, createEncoder, type EncodedChunk } from "./encoder.ts";

/** Options of `Base64EncoderStream`. */
export interface Base64EncoderStreamOptions<Output extends Base64Output = Base64Output>
  extends Base64EncoderOptions<Output>,
    StreamsOption {}

/**
 * A stage from bytes to base64.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Base64EncoderStream } from "@sluice/base64";
 *
 * const encoder = new Base64EncoderStream({ alphabet: "base64url", output: "text" });
 * const texts = await Array.fromAsync(new Blob(["to the weir?"]).stream().pipeThrough(encoder));
 * assert.equal(texts.join(""), "dG8gdGhlIHdlaXI_");
 * ```
 */
export class Base64EncoderStream<Output extends Base64Output = "bytes">
  implements StreamPair<Uint8Array, EncodedChunk<Output>>
{
  readonly readable: ReadableStream<EncodedChunk<Output>>;
  readonly writable: WritableStream<Uint8Array>;

  /** @throws {TypeError} or {RangeError} when an option is wrong. */
  constructor(options: Base64EncoderStreamOptions<Output> = {}) {
    const pair = codecStream(createEncoder(options, "construct Base64EncoderStream"), options);
    this.readable = pair.readable;
    this.writable = pair.writable;
  }
}
