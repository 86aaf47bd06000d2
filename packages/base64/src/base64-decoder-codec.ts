import type { Codec } from "@sluice/streams";
import { type Base64DecoderOptions, createDecoder } from "./decoder.ts";

/**
 * The engine of `Base64DecoderStream` without streams, to be driven directly or fused with other codecs.
 *
 * On malformed input it emits what precedes the fault, which is the same however the input is cut, and throws.
 *
 * @throws {TypeError} or {RangeError} when an option is wrong.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { base64DecoderCodec } from "@sluice/base64";
 *
 * const codec = base64DecoderCodec();
 * const bytes: number[] = [];
 * const emit = (chunk: Uint8Array) => void bytes.push(...chunk);
 * for (const character of "++8=") codec.transform(character, emit);
 * codec.flush?.(emit);
 * assert.deepEqual(bytes, [0xfb, 0xef]);
 * ```
 */
export function base64DecoderCodec(
  options: Base64DecoderOptions = {},
): Codec<Uint8Array | string, Uint8Array<ArrayBuffer>> {
  return createDecoder(options, "make a base64 decoder codec");
}
