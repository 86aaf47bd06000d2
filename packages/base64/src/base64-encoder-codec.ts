import type { Codec } from "@sluice/streams";
import { type Base64EncoderOptions, type Base64Output, createEncoder, type EncodedChunk } from "./encoder.ts";

/**
 * The engine of `Base64EncoderStream` without streams, to be driven directly or fused with other codecs.
 *
 * @throws {TypeError} or {RangeError} when an option is wrong.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { base64EncoderCodec } from "@sluice/base64";
 *
 * const codec = base64EncoderCodec({ output: "text" });
 * let text = "";
 * const emit = (chunk: string) => void (text += chunk);
 * for (const byte of [0xfb, 0xef]) codec.transform(Uint8Array.of(byte), emit);
 * codec.flush?.(emit);
 * assert.equal(text, "++8=");
 * ```
 */
export function base64EncoderCodec<Output extends Base64Output = "bytes">(
  options: Base64EncoderOptions<Output> = {},
): Codec<Uint8Array, EncodedChunk<Output>> {
  return createEncoder(options, "make a base64 encoder codec");
}
