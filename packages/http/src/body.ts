import { type Segment, sizeOfSegments } from "./segment.ts";
import { SegmentReader } from "./segment-reader.ts";
import { segmentStream } from "./segment-stream.ts";

/** What a request carries. Made by `multipartBody`, `jsonBody` and `bytesBody`; an object of one's own will do, too. */
export interface Body {
  /** How many bytes there are, where that is known before the first. It becomes the Content-Length. */
  readonly size: number | undefined;
  /** The Content-Type. */
  readonly type: string | undefined;
  /** Whether it can be sent again, which a retry and a redirect need. */
  readonly replayable: boolean;
  /** All the bytes. Nothing is read before the first chunk is asked for. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * Where a body has what the transports of this package see of it: they read files into memory of theirs, and pass Blobs
 * on unread. Whoever spreads a body into one of his own does not take it along. No WeakMap: V8 looks at one only when it
 * collects all of the heap, and each request would stay until then.
 */
const SEGMENTS: unique symbol = Symbol("segments");

interface Segmented extends Body {
  readonly [SEGMENTS]: readonly Segment[];
}

/** Makes a body of segments. */
export function bodyOf(segments: readonly Segment[], type: string): Body {
  const body: Body = {
    size: sizeOfSegments(segments),
    type,
    replayable: segments.every((segment) => segment.kind === "bytes" || segment.source.replayable),
    stream: () => segmentStream(new SegmentReader(segments)),
  };
  return Object.defineProperty(body, SEGMENTS, { value: segments });
}

/** The segments of a body; of one that is not ours, its stream as a single one. */
export function segmentsOf(body: Body): readonly Segment[] {
  if (Object.hasOwn(body, SEGMENTS)) return (body as Segmented)[SEGMENTS];
  const { size } = body;
  return [{ kind: "stream", size, name: "the request's body", source: body, open: () => body.stream() }];
}

/** @throws {TypeError} when `body` is none. */
export function checkBody(action: string, body: unknown): asserts body is Body {
  const { stream, replayable, size } = Object(body) as Partial<Body>;
  if (typeof stream !== "function" || typeof replayable !== "boolean") {
    throw new TypeError(
      `${action}: "body" must be made by jsonBody, multipartBody or bytesBody, received ${body === null ? "null" : typeof body}`,
    );
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0)) {
    throw new RangeError(`${action}: the body's size must be an integer of 0 or more, received ${size}`);
  }
}
