/** Larger pieces of a platform's output are cut. */
const LARGEST_OUTPUT = 1 << 20;

/**
 * What an engine gave, in memory that nothing else lies in, so that it can be transferred. Node hands out parts of one
 * buffer, which it goes on to fill, unless a piece fills it alone.
 */
export function inOwnMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.byteLength === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}

/** The same, in pieces of 1 MiB at most: how much a platform puts into one chunk is its own affair. */
export function* piecesInOwnMemory(
  bytes: Uint8Array<ArrayBuffer>,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  if (bytes.length <= LARGEST_OUTPUT) {
    if (bytes.length > 0) yield inOwnMemory(bytes);
    return;
  }
  for (let offset = 0; offset < bytes.length; offset += LARGEST_OUTPUT) {
    yield bytes.slice(offset, offset + LARGEST_OUTPUT);
  }
}
