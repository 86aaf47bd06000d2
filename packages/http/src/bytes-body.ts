import type { ByteSource } from "@sluice/source";
import { type Body, bodyOf } from "./body.ts";
import { describe } from "./describe.ts";
import { isSource } from "./is-source.ts";
import { safeMediaType } from "./media-type.ts";

/** Options of `bytesBody`. */
export interface BytesBodyOptions {
  /**
   * The Content-Type.
   * @default the source's, else "application/octet-stream"
   */
  type?: string | undefined;
}

/**
 * A body of bytes as they are: a source, or an array, which must then not be changed until it is sent.
 *
 * @throws {TypeError} when `source` is neither. A string is refused: it might be a path, a text or a URL.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bytesBody } from "@sluice/http";
 * import { bytesSource } from "@sluice/source";
 *
 * const body = bytesBody(bytesSource(Uint8Array.of(1, 2, 3), { type: "application/x-three" }));
 * assert.equal(body.size, 3);
 * assert.equal(body.type, "application/x-three");
 * assert.equal(body.replayable, true);
 * ```
 */
export function bytesBody(source: ByteSource | Uint8Array<ArrayBuffer>, { type }: BytesBodyOptions = {}): Body {
  if (source instanceof Uint8Array) return bodyOf([{ kind: "bytes", bytes: source }], safeMediaType(type));
  if (isSource(source)) return bodyOf([{ kind: "source", source }], safeMediaType(type ?? source.type));
  throw new TypeError(
    `Cannot make a body of bytes: "source" must be a ByteSource or a Uint8Array, received ${describe(source)}`,
  );
}
