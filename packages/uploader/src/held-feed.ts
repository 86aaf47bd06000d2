import { type ByteSource, SizeMismatchError } from "@sluice/source";
import type { Feed, Piece } from "./feed.ts";
import { HeldPart } from "./held-part.ts";
import type { Memory } from "./memory.ts";
import type { PartSizes } from "./part-sizes.ts";
import type { PartLimits } from "./part-target.ts";
import type { ProgressMeter } from "./progress.ts";
import { TooLargeError } from "./upload-errors.ts";

export interface HeldFeedOptions {
  readonly source: ByteSource;
  /** The source's bytes, on their way through whatever else wants to see them. */
  readonly stream: ReadableStream<Uint8Array>;
  readonly name: string;
  readonly target: string;
  readonly limits: PartLimits;
  /** How large each part is; `"chunks"` for as large as the chunks come. */
  readonly sizes: PartSizes | "chunks";
  readonly memory: Memory;
  readonly meter: ProgressMeter;
}

/**
 * Parts of a stream, each held until it has arrived. The bytes of a part are set aside before they are read, all at
 * once; one chunk of the source is in hand beyond that.
 */
export class HeldFeed implements Feed {
  readonly #options: HeldFeedOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** The chunk in hand, and how much of it was taken. */
  #chunk: Uint8Array | undefined;
  #taken = 0;
  #read = 0;
  #index = 0;
  #offset = 0;
  #ended = false;
  /** The size of a chunk that was shorter than a part may be. */
  #short: number | undefined;

  constructor(options: HeldFeedOptions) {
    this.#options = options;
    this.#reader = options.stream.getReader();
  }

  get size(): number | undefined {
    return this.#ended ? this.#read : this.#options.source.size;
  }

  get parts(): number | undefined {
    const { source, sizes } = this.#options;
    if (this.#ended) return this.#index;
    // Where the size is known, all parts but the last are of one size.
    const size = sizes === "chunks" ? undefined : sizes(0);
    return source.size === undefined || !size ? undefined : Math.max(1, Math.ceil(source.size / size));
  }

  async next(signal: AbortSignal): Promise<Piece | undefined> {
    // The first chunk comes before the reservation: at the end none is needed.
    if (!(await this.#more(signal)) && this.#index > 0) {
      this.#options.meter.ends(this.#read, this.#index);
      return undefined;
    }
    const limit = this.#limit();
    const reservation = await this.#options.memory.reserve(limit, signal);
    const part = new HeldPart(this.#options.memory, reservation, limit);
    try {
      while (part.size < limit && this.#chunk) {
        this.#taken += part.add(this.#chunk, this.#taken);
        if (part.size < limit) await this.#more(signal);
      }
    } catch (reason) {
      part.release(false);
      throw reason;
    }
    part.seal();
    const { size } = part;
    const piece = {
      index: this.#index,
      offset: this.#offset,
      size,
      body: part.source(this.#options.source),
      held: true,
      release: (arrived: boolean) => part.release(arrived),
    };
    this.#index += 1;
    this.#offset += size;
    if (this.#ended) this.#options.meter.ends(this.#read, this.#index);
    return piece;
  }

  async close(reason: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  /** How many bytes the next part has at most. */
  #limit(): number {
    const { name, target, sizes, source } = this.#options;
    const limit = sizes === "chunks" ? this.#chunkLimit() : sizes(this.#index);
    if (limit === undefined) throw new TooLargeError(name, target, this.#read, this.#offset);
    return source.size === undefined ? limit : Math.min(limit, source.size - this.#offset);
  }

  #chunkLimit(): number | undefined {
    const { name, target, limits, memory } = this.#options;
    const { minPartSize = 0, maxPartSize = Number.POSITIVE_INFINITY, maxParts = Number.POSITIVE_INFINITY } = limits;
    const size = this.#chunk?.byteLength ?? 0;
    const refuse = (expected: string, received: number) =>
      new RangeError(`Cannot upload "${name}": each chunk is a part, which must be ${expected}, received ${received}`);
    if (size > memory.limit) throw refuse(`at most ${memory.limit} bytes, the "memory"`, size);
    if (size > maxPartSize) throw refuse(`at most ${maxPartSize} bytes for ${target}`, size);
    // Only the last one may be shorter, and that is known when another one comes.
    if (this.#short !== undefined) throw refuse(`at least ${minPartSize} bytes for ${target}`, this.#short);
    if (size < minPartSize) this.#short = size;
    return this.#index < maxParts ? size : undefined;
  }

  /** Sees to it that there is a chunk in hand with bytes in it. @returns False at the end of the source. */
  async #more(signal: AbortSignal): Promise<boolean> {
    const { source, name, target, limits, meter } = this.#options;
    while (!this.#ended && this.#taken === (this.#chunk?.byteLength ?? 0)) {
      this.#chunk = undefined;
      this.#taken = 0;
      const { done, value } = await this.#reader.read();
      signal.throwIfAborted();
      if (done) this.#ended = true;
      else if (!(value instanceof Uint8Array)) {
        throw new TypeError(`Cannot upload "${name}": a chunk must be a Uint8Array, received ${typeof value}`);
      } else if (value.byteLength > 0) {
        this.#chunk = value;
        this.#read += value.byteLength;
        meter.read(value.byteLength);
      }
      const { maxBytes = Number.POSITIVE_INFINITY } = limits;
      if (this.#read > maxBytes) throw new TooLargeError(name, target, this.#read, maxBytes);
      const { size } = source;
      if (size !== undefined && (this.#read > size || (done && this.#read < size))) {
        throw new SizeMismatchError(JSON.stringify(name), size, this.#read);
      }
    }
    return this.#chunk !== undefined;
  }
}
