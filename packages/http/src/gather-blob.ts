import type { SegmentReader } from "./segment-reader.ts";

/** Bytes read at once. */
const CHUNK_SIZE = 1024 * 1024;
/** Bytes held here before they are the browser's, which keeps large Blobs on disk. */
const HELD = 8 * 1024 * 1024;

/** Reads everything into a Blob: what a runtime sends that cannot send streams. */
export async function gatherBlob(reader: SegmentReader, signal: AbortSignal): Promise<Blob> {
  const cancel = (): void => {
    reader.cancel(signal.reason).catch(() => {});
  };
  signal.addEventListener("abort", cancel);
  try {
    let blob = new Blob([]);
    for (let ended = false; !ended; ) {
      const parts: BlobPart[] = [blob];
      for (let held = 0; held < HELD; ) {
        const chunk = await reader.next((left) => new Uint8Array(Math.min(CHUNK_SIZE, left)));
        signal.throwIfAborted();
        ended = chunk === undefined;
        if (!chunk) break;
        parts.push(chunk);
        held += chunk.byteLength;
      }
      blob = new Blob(parts);
      // A source that has its bytes at hand would not let anything else happen, an abort included.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return blob;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
