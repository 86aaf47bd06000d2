import { adopt, codecStream, type StreamsOption } from "@sluice/streams";
import { encodedLength } from "./encoded-length.ts";
import { type Base64Output, createEncoder, type EncodedChunk } from "./encoder.ts";
import { platformEngine } from "./engine.ts";
import { refuse } from "./refuse.ts";

/** What a data URI can be made of: a `ByteSource` of `@sluice/source`, a `Blob`, a `File`. */
export interface DataUriSource {
  /** The media type, if it is known. */
  readonly type?: string | undefined;
  stream(): ReadableStream<Uint8Array>;
}

/** Options of `dataUri`. */
export interface DataUriOptions<Output extends Base64Output = Base64Output> extends StreamsOption {
  /**
   * The media type.
   * @default that of the source, else "application/octet-stream"
   */
  type?: string | undefined;
  /** @default "bytes" */
  output?: Output | undefined;
}

/**
 * Writes a source as a base64 data URI, in constant memory.
 *
 * @throws {TypeError} or {RangeError} when an option is wrong, or the media type has a character that would end it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { dataUri, dataUriLength } from "@sluice/base64";
 *
 * const blob = new Blob(["weir"], { type: "text/plain" });
 * const uri = (await Array.fromAsync(dataUri(blob, { output: "text" }))).join("");
 * assert.equal(uri, "data:text/plain;base64,d2Vpcg==");
 * assert.equal(uri.length, dataUriLength(blob.size, blob.type));
 * ```
 */
export function dataUri<Output extends Base64Output = "bytes">(
  source: DataUriSource,
  { type, output, streams }: DataUriOptions<Output> = {},
): ReadableStream<EncodedChunk<Output>> {
  if (typeof source?.stream !== "function") {
    throw new TypeError(
      `Cannot write a data URI: "source" must have a stream method, received ${source === null ? "null" : typeof source}`,
    );
  }
  const prefix = prefixOf(type ?? source.type);
  const encoder = createEncoder({ output }, "write a data URI", platformEngine(), prefix);
  return adopt(source.stream(), streams).pipeThrough(codecStream(encoder, { streams }));
}

/**
 * The exact length of the data URI of `size` bytes.
 *
 * @throws {TypeError} or {RangeError} as `dataUri` and `encodedLength` do.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { dataUriLength } from "@sluice/base64";
 *
 * assert.equal(dataUriLength(4, "text/plain"), "data:text/plain;base64,d2Vpcg==".length);
 * ```
 */
export function dataUriLength(size: number, type?: string): number {
  return prefixOf(type).length + encodedLength(size);
}

/** What comes before the data. Whitespace between parameters, which a URL should not have, is left out. */
function prefixOf(given: string | undefined): string {
  const type = given || "application/octet-stream";
  const compact = typeof type === "string" && type.replace(/; +/g, ";");
  // A comma would end it, "#" the whole data; neither can be escaped there.
  if (!compact || !/^[!-~]+\/[!-~]+$/.test(compact) || /[,#]/.test(compact)) {
    refuse("write a data URI", "type", 'a media type of visible ASCII without "," and "#"', type);
  }
  return `data:${compact};base64,`;
}
