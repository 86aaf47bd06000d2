import { SizeMismatchError } from "@sluice/source";
import { section } from "./section.ts";
import { type Segment, sizeOfSegment, sizeOfSegments } from "./segment.ts";

/**
 * How many bytes of a source are read before it is asked whether it has changed. The last ones always wait for that; here
 * it is only that a long upload need not fail at its very end. To ask costs a file as much as reading it does.
 */
const CHECK_EVERY = 64 * 1024 * 1024;

/** Where the chunks of a segment come from. */
interface Inflow {
  read(): Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array<ArrayBuffer> | undefined }>;
  cancel(reason: unknown): Promise<void>;
}

/**
 * Reads the segments of one body, once, in order, and holds each to the size that it gave.
 *
 * Bytes in memory and sources that can be read by position are put together into the caller's buffer, so that the header
 * of a multipart body, the file behind it and the trailer leave in one chunk. What comes as a stream is handed on as it
 * came, without waiting for more.
 */
export class SegmentReader {
  readonly #segments: readonly Segment[];
  /** Made for a source that heeds it: views of memory need none. */
  #stop: AbortController | undefined;
  #canceled: { readonly reason: unknown } | undefined;
  #index = 0;
  /** Bytes of the segment at `#index` that have been read. */
  #position = 0;
  /** Bytes of all segments that have not been read, as far as is known. */
  #left: number;
  #inflow: Inflow | undefined;
  #spent = false;

  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
    this.#left = sizeOfSegments(segments) ?? Number.POSITIVE_INFINITY;
  }

  /** Whether a source that can be read only once has been begun. */
  get spent(): boolean {
    return this.#spent;
  }

  /**
   * The next chunk: a view of the buffer given, filled as far as it goes, or memory that is the caller's from now on.
   *
   * @param buffer Called when memory is needed, with the bytes that are left as far as is known; at least one byte.
   * @returns Undefined at the end.
   * @throws {SizeMismatchError} when a segment has more or fewer bytes than it said.
   */
  async next(buffer: (left: number) => Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let into: Uint8Array<ArrayBuffer> | undefined;
    let filled = 0;
    for (;;) {
      this.#check();
      const segment = this.#segments[this.#index];
      if (segment === undefined) break;
      const size = sizeOfSegment(segment);
      if (segment.kind === "stream" || !isPositional(segment) || size === undefined) {
        if (filled > 0) break;
        const chunk = await this.#readStream(segment, size);
        if (chunk) return chunk;
      } else if (this.#position === size) {
        this.#advance();
      } else {
        into ??= buffer(this.#left);
        const room = section(into, filled, Math.min(into.byteLength, filled + size - this.#position));
        const end = this.#position + room.byteLength;
        if (segment.kind === "bytes") {
          room.set(segment.bytes.subarray(this.#position, end));
        } else {
          // The last bytes wait until the source has found out that it is still the same.
          const more = end < size && end % CHECK_EVERY >= room.byteLength;
          const count = await segment.source.read?.(room, this.#position, { signal: this.#signal(), more });
          if (count !== room.byteLength) {
            throw new SizeMismatchError(nameOf(segment), size, this.#position + (count ?? 0));
          }
        }
        this.#position = end;
        this.#left -= room.byteLength;
        filled += room.byteLength;
        if (filled === into.byteLength) break;
      }
    }
    return into && section(into, 0, filled);
  }

  /** Stops what is being read and cancels the stream that is open. */
  async cancel(reason: unknown): Promise<void> {
    this.#canceled ??= { reason };
    this.#stop?.abort(reason);
    const inflow = this.#inflow;
    this.#inflow = undefined;
    await inflow?.cancel(reason);
  }

  async #readStream(segment: Segment, size: number | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#inflow === undefined) {
      this.#spent ||= segment.kind !== "bytes" && !segment.source.replayable;
      this.#inflow = open(segment, size, () => this.#signal());
    }
    const { done, value } = await this.#inflow.read();
    this.#check();
    if (done) {
      if (size !== undefined && this.#position < size) {
        throw new SizeMismatchError(nameOf(segment), size, this.#position);
      }
      this.#inflow = undefined;
      this.#advance();
      return undefined;
    }
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`Cannot send ${nameOf(segment)}: a chunk must be a Uint8Array, received ${typeof value}`);
    }
    this.#position += value.byteLength;
    this.#left -= value.byteLength;
    if (size !== undefined && this.#position > size) {
      throw new SizeMismatchError(nameOf(segment), size, this.#position);
    }
    return value.byteLength > 0 ? value : undefined;
  }

  #signal(): AbortSignal {
    this.#stop ??= new AbortController();
    return this.#stop.signal;
  }

  #check(): void {
    if (this.#canceled) throw this.#canceled.reason;
  }

  #advance(): void {
    this.#index += 1;
    this.#position = 0;
  }
}

/** Whether it is read into memory of ours. */
function isPositional(segment: Exclude<Segment, { kind: "stream" }>): boolean {
  return segment.kind === "bytes" || (segment.source.replayable && segment.source.read !== undefined);
}

function open(segment: Segment, size: number | undefined, signal: () => AbortSignal): Inflow {
  if (segment.kind === "stream") return segment.open(signal()).getReader();
  if (segment.kind === "bytes") throw new TypeError("Bytes in memory are no stream");
  const { source } = segment;
  // Two streams around each part of an upload were a seventh of all that outlived a round of the garbage collector.
  const views = size === undefined ? undefined : source.views?.(0, size)[Symbol.iterator]();
  if (!views) return source.stream({ signal: signal() }).getReader();
  return { read: async () => views.next(), cancel: async () => void views.return?.() };
}

function nameOf(segment: Segment): string {
  if (segment.kind === "stream") return segment.name;
  return segment.kind === "source" && segment.source.name !== undefined
    ? JSON.stringify(segment.source.name)
    : "the request's body";
}
