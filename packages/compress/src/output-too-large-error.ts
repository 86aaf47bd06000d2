/**
 * Compressed data expands to more than the limit that was set for it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { CompressorStream, DecompressorStream, OutputTooLargeError } from "@sluice/compress";
 *
 * const compressed = new Blob(["water"]).stream().pipeThrough(new CompressorStream("deflate"));
 * const limited = compressed.pipeThrough(new DecompressorStream("deflate", { maxOutput: 4 }));
 * const error = await new Response(limited).text().catch((reason) => reason);
 * assert.ok(error instanceof OutputTooLargeError && error.limit === 4);
 * ```
 */
export class OutputTooLargeError extends Error {
  override readonly name = "OutputTooLargeError";
  readonly code = "too-large";
  readonly retryable = false;
  /** The most bytes that were to come out. */
  readonly limit: number;
  /** The bytes of input that were read until then. */
  readonly offset: number;

  constructor(limit: number, offset: number) {
    super(
      `Cannot decompress: more than ${limit} bytes come out of the first ${offset} bytes of input. Raise "maxOutput" if the data can be trusted`,
    );
    this.limit = limit;
    this.offset = offset;
  }
}
