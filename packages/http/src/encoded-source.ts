import { Base64EncoderStream, dataUri, dataUriLength, encodedLength } from "@sluice/base64";
import type { ByteSource } from "@sluice/source";
import { describe } from "./describe.ts";
import { isSource } from "./is-source.ts";
import { safeMediaType } from "./media-type.ts";
import type { Segment } from "./segment.ts";

/** A source that stands in a JSON value as text; made by `asBase64` and `asDataUri`. */
export class EncodedSource {
  /** Its text between the quotes of a JSON string. */
  readonly segment: Segment;

  constructor(segment: Segment) {
    this.segment = segment;
  }
}

/**
 * Says that a source is to stand in a `jsonBody` as base64. A source that stands there bare is sent like this, too.
 *
 * @throws {TypeError} when `source` is no ByteSource.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asBase64, jsonBody } from "@sluice/http";
 * import { bytesSource } from "@sluice/source";
 *
 * const image = bytesSource(new TextEncoder().encode("weir"));
 * const body = jsonBody({ image: asBase64(image) });
 * assert.equal(await new Response(body.stream()).text(), '{"image":"d2Vpcg=="}');
 * ```
 */
export function asBase64(source: ByteSource): EncodedSource {
  checkSource("base64", source);
  return new EncodedSource({
    kind: "stream",
    size: source.size === undefined ? undefined : encodedLength(source.size),
    name: `the base64 of ${source.name === undefined ? "a source" : JSON.stringify(source.name)}`,
    source,
    open: (signal) => source.stream({ signal }).pipeThrough(new Base64EncoderStream()),
  });
}

/**
 * Says that a source is to stand in a `jsonBody` as a data URI.
 *
 * @param options `type`: the media type; that of the source unless given.
 * @throws {TypeError} when `source` is no ByteSource.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asDataUri, jsonBody } from "@sluice/http";
 * import { bytesSource } from "@sluice/source";
 *
 * const image = bytesSource(new TextEncoder().encode("weir"), { type: "text/plain" });
 * const body = jsonBody({ input: { image: asDataUri(image) } });
 * const text = '{"input":{"image":"data:text/plain;base64,d2Vpcg=="}}';
 * assert.equal(body.size, text.length);
 * assert.equal(await new Response(body.stream()).text(), text);
 * ```
 */
export function asDataUri(source: ByteSource, options: { type?: string | undefined } = {}): EncodedSource {
  checkSource("a data URI", source);
  const given = safeMediaType(options.type ?? source.type);
  // A quoted parameter would have to be escaped again for JSON; no media type that is sent as a data URI needs one.
  const type = /["\\,#]/.test(given) ? (given.split(";", 1)[0] as string) : given;
  return new EncodedSource({
    kind: "stream",
    size: source.size === undefined ? undefined : dataUriLength(source.size, type),
    name: `the data URI of ${source.name === undefined ? "a source" : JSON.stringify(source.name)}`,
    source,
    open: (signal) => dataUri({ stream: () => source.stream({ signal }) }, { type }),
  });
}

function checkSource(form: string, source: unknown): asserts source is ByteSource {
  if (isSource(source)) return;
  throw new TypeError(`Cannot write ${form}: "source" must be a ByteSource, received ${describe(source)}`);
}
