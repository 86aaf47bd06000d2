import { type Base64Format, resolveFormat } from "./base64-format.ts";
import { refuse } from "./refuse.ts";

/**
 * The exact number of characters, line breaks included, that `byteLength` bytes encode to.
 *
 * @param byteLength Any number of bytes, beyond 2^32 too.
 * @throws {TypeError} or {RangeError} when `byteLength` is no integer of 0 or more, or an option is wrong.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { encodedLength } from "@sluice/base64";
 *
 * assert.equal(encodedLength(40_000_000_000), 53_333_333_336);
 * assert.equal(encodedLength(57 * 2, { lineLength: 76 }), 76 + 2 + 76);
 * ```
 */
export function encodedLength(byteLength: number, format: Base64Format = {}): number {
  const { padding, lineLength, lineEnding } = resolveFormat(format, "tell the encoded length");
  if (!Number.isSafeInteger(byteLength) || byteLength < 0) {
    refuse("tell the encoded length", "byteLength", "an integer of 0 or more", byteLength, "number");
  }
  // The remainder first: with it gone, the division is exact for every safe integer.
  const left = byteLength % 3;
  const characters = ((byteLength - left) / 3) * 4 + (left && (padding ? 4 : left + 1));
  const breaks = lineLength && characters ? Math.ceil(characters / lineLength) - 1 : 0;
  return characters + breaks * lineEnding.length;
}
