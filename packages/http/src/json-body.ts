import { type Body, bodyOf } from "./body.ts";
import { describe } from "./describe.ts";
import { asBase64, EncodedSource } from "./encoded-source.ts";
import { isSource } from "./is-source.ts";
import type { Segment } from "./segment.ts";

/**
 * A body of JSON, in which any `ByteSource` is streamed as base64, or as `asBase64` and `asDataUri` say: a file of
 * gigabytes goes into a field in constant memory, and the length is known before the first byte where the size is.
 *
 * The value is written as `JSON.stringify` writes it. Strings stay strings, whatever file they may name.
 *
 * @throws {TypeError} when there is no JSON of the value, or it holds bytes that are in no source.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { jsonBody } from "@sluice/http";
 * import { bytesSource } from "@sluice/source";
 *
 * const body = jsonBody({ prompt: "/etc/passwd", audio: bytesSource(Uint8Array.of(0, 1, 2)) });
 * assert.equal(await new Response(body.stream()).text(), '{"prompt":"/etc/passwd","audio":"AAEC"}');
 * assert.equal(body.size, 39);
 * ```
 */
export function jsonBody(value: unknown): Body {
  // Sources leave a mark in the text, which is then cut there; nobody can guess it.
  const mark = crypto.randomUUID();
  const segments: Segment[] = [];
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key: string, item: unknown) {
    const encoded = isSource(item) ? asBase64(item) : item;
    if (encoded instanceof EncodedSource) {
      segments.push(encoded.segment);
      return mark;
    }
    // Not `item`: of a Buffer, that is what its toJSON made.
    const original = this[key];
    if (isBytes(original)) {
      throw new TypeError(
        `Cannot make a body of JSON: ${key === "" ? "the value" : JSON.stringify(key)} is ${describe(original)}; make a ByteSource of it (bytesSource, blobSource, streamSource)`,
      );
    }
    return item;
  }) as string | undefined;
  if (text === undefined) throw new TypeError(`Cannot make a body of JSON: ${describe(value)} has none`);

  const encoder = new TextEncoder();
  const pieces = text.split(mark).flatMap((piece, index): Segment[] => {
    const bytes: Segment = { kind: "bytes", bytes: encoder.encode(piece) as Uint8Array<ArrayBuffer> };
    const source = segments[index];
    return source ? [bytes, source] : [bytes];
  });
  return bodyOf(pieces, "application/json");
}

/** What `JSON.stringify` would write as `{}`, or a number for every byte. */
function isBytes(value: unknown): boolean {
  return (
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof Blob ||
    value instanceof ReadableStream
  );
}
