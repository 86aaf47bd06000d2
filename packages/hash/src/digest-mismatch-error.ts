/**
 * The bytes are not those that were expected.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DigestMismatchError, HashStream } from "@sluice/hash";
 *
 * const hash = new HashStream("crc32", { expect: "00000000" });
 * const error = await new Response(new Blob(["123456789"]).stream().pipeThrough(hash)).text().catch((error) => error);
 * assert.ok(error instanceof DigestMismatchError);
 * assert.equal(error.code, "digest-mismatch");
 * assert.equal(error.actual, "cbf43926");
 * ```
 */
export class DigestMismatchError extends Error {
  override readonly name: string = "DigestMismatchError";
  /** What to branch on, also across copies of this package. */
  readonly code = "digest-mismatch";
  /** The same bytes have the same digest; whether reading them again could help, the caller knows. */
  readonly retryable: boolean = false;
  readonly algorithm: string;
  /** In lower-case hexadecimal, as `actual`. */
  readonly expected: string;
  readonly actual: string;

  constructor(algorithm: string, expected: string, actual: string, options?: ErrorOptions) {
    super(
      `The bytes are not those that were expected: their ${algorithm} should be ${expected} and is ${actual}`,
      options,
    );
    this.algorithm = algorithm;
    this.expected = expected;
    this.actual = actual;
  }
}
