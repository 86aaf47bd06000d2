import type { ByteSource } from "@sluice/source";
import type { FileInfo, PartTarget } from "./part-target.ts";
import type { Settings } from "./settings.ts";
import { NeedsSizeError, TooLargeError } from "./upload-errors.ts";

/**
 * How large the part with this index is, at most; undefined where the target takes no more.
 * @param chunk The size of the chunk that it begins with.
 * @throws {RangeError} when the chunk cannot be a part of its own, as it is to be.
 */
export type PartSizes = (index: number, chunk: number) => number | undefined;

/** How a source becomes parts. */
export type Way =
  /** Ranges, each read as it is sent. */
  | { readonly kind: "ranges"; readonly partSize: number }
  /** One part, streamed. */
  | { readonly kind: "whole" }
  /** Parts that are held until they have arrived. */
  | { readonly kind: "held"; readonly sizes: PartSizes }
  /** By a temporary file, because the target must know the size first. */
  | { readonly kind: "spool"; readonly folder: string };

/** How often the parts of a stream of unknown length double, up to what the target takes. */
const STEPS = 10;

/**
 * Decides how a source becomes parts, before anything is created or read.
 *
 * Parts are of one size. Of an unknown length they double with every tenth of the parts that the target takes: the first
 * ones are small enough to be held, and the number of parts does not become a limit of the size.
 *
 * @throws {TooLargeError} when it cannot fit. {NeedsSizeError} when the target must know a size that the source does not
 * tell. {RangeError} when `partSize` or `memory` is outside of what the target takes.
 */
export function chooseWay(
  { size, replayable }: Pick<ByteSource, "size" | "replayable">,
  { name }: FileInfo,
  target: Pick<PartTarget<never, never, never>, "name" | "limits">,
  { partSize, memory, inFlight, spool }: Pick<Settings, "partSize" | "memory" | "inFlight" | "spool">,
): Way {
  const { limits } = target;
  const { minPartSize = 1, maxPartSize = Infinity, maxParts = Infinity, maxBytes = Infinity } = limits;
  const refuse = (option: string, expected: string, received: number) =>
    new RangeError(`Cannot upload "${name}": "${option}" must be ${expected}, received ${received}`);
  const largest = Math.min(maxBytes, maxParts * maxPartSize);
  if ((size ?? 0) > largest) throw new TooLargeError(name, target.name, size ?? 0, largest);
  if (size === undefined && limits.needsSize) {
    if (spool === false) throw new NeedsSizeError(name, target.name);
    return { kind: "spool", folder: spool };
  }
  const held = !replayable || size === undefined || partSize === "chunks";
  if (held && maxParts === 1) return { kind: "whole" };
  if (partSize === "chunks")
    return { kind: "held", sizes: chunkSizes(minPartSize, Math.min(maxPartSize, memory.limit), maxParts, refuse) };

  // Smaller, and there would be more of them than the target takes.
  const least = Math.max(minPartSize, Math.ceil((size ?? 0) / maxParts));
  const first =
    partSize === "auto"
      ? // Of held ones one more than are in flight: the next one is filled meanwhile. One share is left to the connections,
        // and two to what the garbage collector has not come to: chunks of 1 KiB leave 30 MiB of promises behind.
        Math.max(least, Math.min(limits.preferredPartSize, held ? Math.floor(memory.limit / (inFlight + 4)) : Infinity))
      : partSize;
  if (first < least || first > maxPartSize) {
    throw refuse("partSize", `from ${least} to ${maxPartSize} for ${target.name}`, first);
  }
  if (!held) return { kind: "ranges", partSize: first };
  if (first > memory.limit) {
    throw refuse("memory", `at least ${first}, one part of a stream that can be read only once`, memory.limit);
  }
  const most = Math.min(maxPartSize, memory.limit);
  const grows = size === undefined && partSize === "auto";
  const step = grows ? Math.max(1, Math.floor(maxParts / STEPS)) : Infinity;
  const sizes = (index: number) =>
    index < maxParts ? Math.min(most, first * 2 ** Math.floor(index / step)) : undefined;
  return { kind: "held", sizes };
}

/** Each chunk is a part, as it is. Only the last one may be too short, and that is known when another one comes. */
function chunkSizes(
  least: number,
  most: number,
  maxParts: number,
  refuse: (option: string, expected: string, received: number) => RangeError,
): PartSizes {
  let short = 0;
  return (index, chunk) => {
    if (short > 0 || chunk > most) {
      throw refuse("chunk", `a part of ${least} to ${most} bytes, as "partSize" is "chunks"`, short || chunk);
    }
    if (chunk < least) short = chunk;
    return index < maxParts ? chunk : undefined;
  };
}
