import { describe } from "./_text.ts";

/**
 * The chunk as it is passed on: itself. Shared memory is copied, since others may write into it between the hash and
 * whoever reads it next, and since most of the platform refuses it.
 *
 * @throws {TypeError} for what is no Uint8Array.
 */
export function pass(chunk: unknown): Uint8Array<ArrayBuffer> {
  if (!(chunk instanceof Uint8Array)) {
    throw new TypeError(`Cannot hash a chunk: expected a Uint8Array, received ${describe(chunk)}`);
  }
  return chunk.buffer instanceof ArrayBuffer ? (chunk as Uint8Array<ArrayBuffer>) : new Uint8Array(chunk);
}
