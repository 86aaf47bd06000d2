import type { Base64Format } from "./base64-format.ts";
import { createEncoder } from "./encoder.ts";

/**
 * Encodes bytes that are at hand.
 *
 * @throws {TypeError} or {RangeError} when an option is wrong, or `bytes` are none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { encodeBase64 } from "@sluice/base64";
 *
 * assert.equal(encodeBase64(Uint8Array.of(0xfb, 0xef)), "++8=");
 * assert.equal(encodeBase64(Uint8Array.of(0xfb, 0xef), { alphabet: "base64url" }), "--8");
 * ```
 */
export function encodeBase64(bytes: Uint8Array, format: Base64Format = {}): string {
  const codec = createEncoder({ ...format, output: "text" }, "encode base64");
  let text = "";
  const emit = (piece: string) => {
    text += piece;
  };
  codec.transform(bytes, emit);
  codec.flush?.(emit);
  return text;
}
