import { checkInfo } from "./_check-info.ts";
import { describe } from "./_describe.ts";
import { PositionalSource } from "./_positional-source.ts";
import type { ByteSource, SourceInfo } from "./byte-source.ts";
import { SourceChangedError } from "./source-changed-error.ts";

/**
 * Slices are read rather than `blob.stream()`: Node and Deno give a Blob of one part as one chunk, of 256 MiB if it is
 * as large. Each slice is a round trip to where the bytes are kept, so it is not a small one.
 */
const SLICE = 1024 * 1024;

/**
 * Makes a source of a `Blob` or a `File`, such as one that a user picked in a page. Its `blob` slices, without reading.
 *
 * @param info What to call it and its media type, where those of the Blob will not do.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { blobSource } from "@sluice/source";
 *
 * const source = blobSource(new File(["a,b\n1,2\n"], "table.csv", { type: "text/csv" }));
 * assert.deepEqual([source.size, source.name, source.type], [8, "table.csv", "text/csv"]);
 * assert.equal(await source.blob?.(4, 8).text(), "1,2\n");
 * ```
 */
export function blobSource(blob: Blob, info: SourceInfo = {}): ByteSource {
  const action = "make a source of a Blob";
  checkInfo(action, info);
  if (typeof blob?.slice !== "function" || typeof blob.arrayBuffer !== "function") {
    throw new TypeError(`Cannot ${action}: "blob" must be a Blob or a File, received ${describe(blob)}`);
  }
  const { size } = blob;
  // Not by `lastModified`: in Bun every Blob has one.
  const file = typeof (blob as File).name === "string" ? (blob as File) : undefined;
  const name = info.name ?? file?.name;
  const type = info.type ?? (blob.type || undefined);
  return new PositionalSource({
    size,
    name,
    type,
    fingerprint: file && `${size}-${file.lastModified}`,
    open: () => ({
      async read(into, position) {
        const bytes = await sliceOf(position, position + into.byteLength);
        into.set(bytes);
        return bytes.byteLength;
      },
    }),
    chunks(start, end) {
      let position = start;
      return {
        async next() {
          if (position === end) return { done: true };
          const value = await sliceOf(position, Math.min(position + SLICE, end));
          position += value.byteLength;
          return { value };
        },
        async cancel() {},
      };
    },
    blob: (start, end) => blob.slice(start, end, type),
  });

  async function sliceOf(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(await blob.slice(start, end).arrayBuffer());
    if (bytes.byteLength === end - start) return bytes;
    const received = `it ended after ${start + bytes.byteLength} of ${size} bytes`;
    throw new SourceChangedError({ path: name, expected: `${size} bytes`, received });
  }
}
