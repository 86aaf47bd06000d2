import type { ByteSource } from "@sluice/source";
import type { FileInfo, PartTarget } from "./part-target.ts";
import type { Settings } from "./settings.ts";
import { NeedsSizeError, TooLargeError } from "./upload-errors.ts";

/** Parts that are held until they have arrived. */
export interface HeldWay {
  readonly kind: "held";
  /** Of the first one, or each as large as the chunk that it is. */
  readonly partSize: number | "chunks";
  /** Whether later ones are larger. */
  readonly grows: boolean;
}

/** How a source becomes parts. */
export type Way =
  /** Ranges, each read as it is sent. */
  | { readonly kind: "ranges"; readonly partSize: number }
  /** One part, streamed. */
  | { readonly kind: "whole" }
  | HeldWay
  /** By a temporary file, because the target must know the size first. */
  | { readonly kind: "spool"; readonly folder: string };

/**
 * Decides how a source becomes parts, before anything is created or read.
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
  if (partSize === "chunks") return { kind: "held", partSize, grows: false };

  // Smaller, and there would be more of them than the target takes.
  const least = Math.max(minPartSize, Math.ceil((size ?? 0) / maxParts));
  const first =
    partSize === "auto"
      ? // Of held ones one more than are in flight: the next one is filled meanwhile. One share is left to the connections,
        // and two to what the garbage collector has not come to.
        Math.max(least, Math.min(limits.preferredPartSize, held ? Math.floor(memory.limit / (inFlight + 4)) : Infinity))
      : partSize;
  if (first < least || first > maxPartSize) {
    throw refuse("partSize", `from ${least} to ${maxPartSize} for ${target.name}`, first);
  }
  if (!held) return { kind: "ranges", partSize: first };
  if (first > memory.limit) {
    throw refuse("memory", `at least ${first}, one part of a stream that can be read only once`, memory.limit);
  }
  return { kind: "held", partSize: first, grows: size === undefined && partSize === "auto" };
}
