import { type Chunks, chunksOf } from "./_chunks.ts";
import { contentLength, contentName } from "./_content-headers.ts";
import { describe } from "./_describe.ts";
import { OneShotSource } from "./_one-shot-source.ts";
import type { ByteSource } from "./byte-source.ts";

/**
 * Makes a source of the body of an incoming request, with length, type and name from its headers. The bytes are those
 * that were sent, so a `Content-Encoding` is still on them; they come once.
 *
 * @throws {TypeError} when it is no `Request`, or its body has been read.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requestSource } from "@sluice/source";
 *
 * const request = new Request("http://localhost/", {
 *   method: "POST",
 *   body: "a,b\n",
 *   headers: { "content-type": "text/csv", "content-length": "4", "content-disposition": 'attachment; filename="t.csv"' },
 * });
 * const source = requestSource(request);
 * assert.deepEqual([source.size, source.type, source.name], [4, "text/csv", "t.csv"]);
 * ```
 */
export function requestSource(request: Request): ByteSource {
  const action = "make a source of a request";
  if (typeof request?.headers?.get !== "function" || !("body" in request)) {
    throw new TypeError(`Cannot ${action}: "request" must be a Request, received ${describe(request)}`);
  }
  if (request.bodyUsed) throw new TypeError(`Cannot ${action}: its body has been read, received a used Request`);
  const { headers, body } = request;
  return new OneShotSource({
    size: contentLength(headers) ?? (body ? undefined : 0),
    name: contentName(headers),
    type: headers.get("content-type") ?? undefined,
    kind: "the body of the request",
    chunks: chunksOf(body ?? []) as Chunks,
    borrowed: true,
  });
}
