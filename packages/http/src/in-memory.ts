import type { Segment } from "./segment.ts";

/** Bytes that go out at once, as far as anybody can tell: no progress is to be seen in them, nor is the lack of it. */
export const SMALL_BODY: number = 64 * 1024;

/** The bytes of a body that is all in memory, as one piece; undefined of any other, and of one that is larger than `limit`. */
export function inMemory(
  segments: readonly Segment[],
  limit: number = Number.POSITIVE_INFINITY,
): Uint8Array<ArrayBuffer> | undefined {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (const segment of segments) {
    if (segment.kind !== "bytes") return undefined;
    parts.push(segment.bytes);
    size += segment.bytes.byteLength;
  }
  if (size > limit) return undefined;
  const [first] = parts;
  // A view of its own: what is looked up by it later must not be found by another request with the same bytes.
  if (parts.length === 1 && first) return first.subarray();
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
