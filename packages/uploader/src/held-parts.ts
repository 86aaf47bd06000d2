import type { TakeChunk } from "@sluice/source";
import { HeldPart } from "./held-part.ts";
import type { PartSizes } from "./part-sizes.ts";
import type { SendPiece } from "./piece.ts";
import type { ProgressMeter } from "./progress.ts";
import { turnOfOthers } from "./turn-of-others.ts";
import type { Undertaking } from "./undertaking.ts";

export interface HeldPartsOptions
  extends Pick<Undertaking<never, never, never>, "source" | "file" | "bounds" | "settings" | "signal"> {
  /** Hands over the source's bytes, on their way through whatever else wants to see them. */
  readonly pour: (take: TakeChunk) => Promise<void>;
  readonly sizes: PartSizes;
  readonly meter: ProgressMeter;
}

/**
 * Parts of bytes that come once, each held until it has arrived. The bytes of a part are set aside before it is filled, all
 * at once; one chunk of the source is in hand beyond that.
 */
export async function heldParts(options: HeldPartsOptions, send: SendPiece): Promise<void> {
  const { pour, source, file, bounds, sizes, settings, meter, signal } = options;
  const { memory } = settings;
  /** The part that is being filled, and how much goes into it. */
  let part: HeldPart | undefined;
  let limit = 0;
  let [read, offset, index] = [0, 0, 0];
  /** What had been read when others had their last turn. */
  let breath = 0;
  /** Why nothing more is made of what is still being taken. */
  let failure: { readonly reason: unknown } | undefined;

  try {
    await pour(take);
    bounds.end(read);
    // Of no bytes at all, too, there is one part.
    if (index === 0) part ??= await open(0);
    if (part) await handOn(part);
    meter.ends(read, index);
  } catch (reason) {
    failure = { reason };
    part?.release(false);
    throw reason;
  }

  /** Most chunks are small, and go into the part at hand, without a promise for each. */
  function take(chunk: Uint8Array, lent = false): Promise<void> | undefined {
    signal.throwIfAborted();
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError(`Cannot upload "${file.name}": a chunk must be a Uint8Array, received ${typeof chunk}`);
    }
    read += chunk.byteLength;
    bounds.check(read);
    meter.read(chunk.byteLength);
    if (!part || part.size + chunk.byteLength >= limit) return takeInParts(chunk, lent);
    part.add(chunk, 0, lent);
    if (read - breath < memory.blockSize) return undefined;
    breath = read;
    return turnOfOthers();
  }

  async function takeInParts(chunk: Uint8Array, lent: boolean): Promise<void> {
    for (let taken = 0; taken < chunk.byteLength; ) {
      part ??= await open(chunk.byteLength);
      taken += part.add(chunk, taken, lent);
      if (part.size === limit) await handOn(part);
    }
  }

  /** @param chunk The size of the chunk that it begins with. */
  async function open(chunk: number): Promise<HeldPart> {
    const size = sizes(index, chunk);
    if (size === undefined) throw bounds.tooLarge(read, offset);
    limit = Math.min(size, (file.size ?? Infinity) - offset);
    const reservation = await memory.reserve(limit, signal);
    if (!failure) return new HeldPart(memory, reservation, limit);
    reservation.release();
    throw failure.reason;
  }

  async function handOn(filled: HeldPart): Promise<void> {
    part = undefined;
    filled.seal();
    const { size } = filled;
    const release = (arrived: boolean) => filled.release(arrived);
    const piece = { index, offset, size, body: filled.source(source), held: true, release };
    index += 1;
    offset += size;
    await send(piece);
  }
}
