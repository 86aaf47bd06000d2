import type { ByteSource } from "@sluice/source";

/** A piece of a body. A body is a list of them; whoever sends it takes each in the cheapest way there is. */
export type Segment =
  /** Bytes in memory that nobody changes. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** A whole source, as it is. */
  | { readonly kind: "source"; readonly source: ByteSource }
  /** What something makes of its bytes, such as base64 of a source. */
  | {
      readonly kind: "stream";
      readonly size: number | undefined;
      readonly name: string;
      /** Says whether `open` may be called again. */
      readonly source: { readonly replayable: boolean };
      open(signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>>;
    };

/** How many bytes a segment has, where that is known. */
export function sizeOfSegment(segment: Segment): number | undefined {
  if (segment.kind === "bytes") return segment.bytes.byteLength;
  return segment.kind === "source" ? segment.source.size : segment.size;
}

/** How many bytes all of them have, where that is known. */
export function sizeOfSegments(segments: readonly Segment[]): number | undefined {
  let total = 0;
  for (const segment of segments) {
    const size = sizeOfSegment(segment);
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}
