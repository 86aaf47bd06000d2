import { type Base64DecoderOptions, createDecoder } from "./decoder.ts";

/**
 * Decodes base64 that is at hand, as text or as bytes.
 *
 * @returns The bytes, in memory of their own.
 * @throws {MalformedBase64Error} when it is not base64 of the kind asked for.
 * @throws {TypeError} or {RangeError} when an option is wrong, or `input` is neither text nor bytes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeBase64 } from "@sluice/base64";
 *
 * assert.deepEqual([...decodeBase64("++8=")], [0xfb, 0xef]);
 * assert.deepEqual([...decodeBase64(" ++\n8 ", { mode: "forgiving" })], [0xfb, 0xef]);
 * assert.throws(() => decodeBase64("+*8="), { code: "malformed-base64", offset: 1 });
 * ```
 */
export function decodeBase64(input: Uint8Array | string, options: Base64DecoderOptions = {}): Uint8Array<ArrayBuffer> {
  const codec = createDecoder(options, "decode base64");
  let bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  const emit = (chunk: Uint8Array<ArrayBuffer>) => {
    if (bytes.length === 0) {
      bytes = chunk;
      return;
    }
    // The one or two bytes of an open group, known at the end only.
    const joined = new Uint8Array(bytes.length + chunk.length);
    joined.set(bytes);
    joined.set(chunk, bytes.length);
    bytes = joined;
  };
  codec.transform(input, emit);
  codec.flush?.(emit);
  return bytes;
}
