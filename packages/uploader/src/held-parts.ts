import { type ByteSource, SizeMismatchError } from "@sluice/source";
import type { PartSizes } from "./choose-way.ts";
import { HeldPart } from "./held-part.ts";
import { BLOCK_SIZE, type Memory } from "./memory.ts";
import type { FileInfo, PartTarget } from "./part-target.ts";
import type { Piece } from "./piece.ts";
import type { ProgressMeter } from "./progress.ts";
import { turnOfOthers } from "./turn-of-others.ts";
import { TooLargeError } from "./upload-errors.ts";

export interface HeldPartsOptions {
  readonly source: ByteSource;
  /** The source's bytes, on their way through whatever else wants to see them. */
  readonly stream: ReadableStream<Uint8Array>;
  readonly file: FileInfo;
  readonly target: Pick<PartTarget<never, never, never>, "name" | "limits">;
  readonly sizes: PartSizes;
  readonly memory: Memory;
  readonly meter: ProgressMeter;
  readonly signal: AbortSignal;
}

/**
 * Parts of a stream, each held until it has arrived. The bytes of a part are set aside before they are read, all at
 * once; one chunk of the source is in hand beyond that.
 */
export async function* heldParts(options: HeldPartsOptions): AsyncGenerator<Piece> {
  const { source, stream, file, target, sizes, memory, meter, signal } = options;
  const { name, size: announced } = file;
  const { maxBytes = Infinity } = target.limits;
  const reader = stream.getReader();
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", stop);
  /** The chunk in hand, and how much of it was taken. */
  let [chunk, taken] = [new Uint8Array(0) as Uint8Array, 0];
  let [read, offset, index] = [0, 0, 0];
  /** What had been read when others had their last turn. */
  let breath = 0;
  let ended = false;
  // An async function for each of a million small chunks would cost 10 MiB of garbage: they are read where they are used.
  const hungry = () => !ended && taken === chunk.byteLength;

  try {
    for (; ; index += 1) {
      // The first chunk comes before the reservation: at the end none is needed.
      while (hungry()) accept(await reader.read());
      if (ended && index > 0) break;
      const size = sizes(index, chunk.byteLength);
      if (size === undefined) throw new TooLargeError(name, target.name, read, offset);
      const limit = Math.min(size, (announced ?? Infinity) - offset);
      const part = new HeldPart(memory, await memory.reserve(limit, signal), limit);
      try {
        while (!ended && part.size < limit) {
          taken += part.add(chunk, taken);
          if (read - breath >= BLOCK_SIZE) {
            breath = read;
            await turnOfOthers();
          }
          while (hungry() && part.size < limit) accept(await reader.read());
        }
      } catch (reason) {
        part.release(false);
        throw reason;
      }
      part.seal();
      const release = (arrived: boolean) => part.release(arrived);
      yield { index, offset, size: part.size, body: part.source(source), held: true, release };
      offset += part.size;
    }
    meter.ends(read, index);
  } finally {
    signal.removeEventListener("abort", stop);
    await reader.cancel(signal.reason);
  }

  /** Takes what was read in hand. */
  function accept({ done, value }: ReadableStreamReadResult<Uint8Array>): void {
    signal.throwIfAborted();
    read += value?.byteLength ?? 0;
    if (read > maxBytes) throw new TooLargeError(name, target.name, read, maxBytes);
    if (announced !== undefined && (done ? read !== announced : read > announced)) {
      throw new SizeMismatchError(JSON.stringify(name), announced, read);
    }
    if (done) ended = true;
    else if (!(value instanceof Uint8Array)) {
      throw new TypeError(`Cannot upload "${name}": a chunk must be a Uint8Array, received ${typeof value}`);
    } else {
      [chunk, taken] = [value, 0];
      meter.read(value.byteLength);
    }
  }
}
