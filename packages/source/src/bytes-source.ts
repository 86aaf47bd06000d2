import { checkInfo } from "./_check-info.ts";
import { describe } from "./_describe.ts";
import { PositionalSource } from "./_positional-source.ts";
import type { ByteSource, SourceInfo } from "./byte-source.ts";
import { SourceChangedError } from "./source-changed-error.ts";

/**
 * Makes a source of bytes in memory: an `ArrayBuffer`, or a view of one or of a `SharedArrayBuffer`. They are not
 * copied, so they must not be written to while they are in use; what is streamed are copies.
 *
 * @param info What they are called and their media type, neither of which is guessed.
 * @throws {TypeError} for text: encode it first, or use `toSource` of `@sluice/source/node` for a path or a URL.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bytesSource } from "@sluice/source";
 *
 * const source = bytesSource(new Uint8Array([1, 2, 3, 4]), { name: "four.bin" });
 * assert.deepEqual([source.size, source.name], [4, "four.bin"]);
 * assert.deepEqual(await new Response(source.stream({ start: 2 })).bytes(), new Uint8Array([3, 4]));
 * ```
 */
export function bytesSource(bytes: ArrayBufferView | ArrayBufferLike, info: SourceInfo = {}): ByteSource {
  const action = "make a source of bytes";
  checkInfo(action, info);
  const view = viewOf(bytes);
  if (view === undefined) {
    const hint = typeof bytes === "string" ? ': encode it, or use toSource or file of "@sluice/source/node"' : "";
    throw new TypeError(
      `Cannot ${action}: "bytes" must be an ArrayBuffer or a view of one, received ${describe(bytes)}${hint}`,
    );
  }
  const size = view.byteLength;
  return new PositionalSource({
    size,
    name: info.name,
    type: info.type,
    fingerprint: undefined,
    open: () => ({
      read(into, position) {
        // Transferred to a worker, or resized, since.
        if (view.byteLength !== size) {
          throw new SourceChangedError({
            path: info.name,
            expected: `${size} bytes`,
            received: `${view.byteLength} bytes`,
          });
        }
        into.set(view.subarray(position, position + into.byteLength));
        return into.byteLength;
      },
    }),
    blob: (start, end) => new Blob([view.slice(start, end)], { type: info.type ?? "" }),
  });
}

function viewOf(bytes: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = Object.prototype.toString.call(bytes);
  const isBuffer = kind === "[object ArrayBuffer]" || kind === "[object SharedArrayBuffer]";
  return isBuffer ? new Uint8Array(bytes as ArrayBufferLike) : undefined;
}
