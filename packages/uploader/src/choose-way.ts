import type { ByteSource } from "@sluice/source";
import { type PartPlan, planParts } from "./part-plan.ts";
import { type PartSizes, streamPartSizes } from "./part-sizes.ts";
import type { FileInfo, PartTarget } from "./part-target.ts";
import type { Settings } from "./settings.ts";
import { NeedsSizeError, TooLargeError } from "./upload-errors.ts";

/** How a source becomes parts. */
export type Way =
  /** Ranges, each read as it is sent. */
  | { readonly kind: "ranges"; readonly plan: PartPlan }
  /** One part, streamed. */
  | { readonly kind: "whole" }
  /** Parts that are held until they have arrived. */
  | { readonly kind: "held"; readonly sizes: PartSizes | "chunks" }
  /** By a temporary file, because the target must know the size first. */
  | { readonly kind: "spool"; readonly folder: string };

/** What is known of a source before it is read. */
export type SourceTraits = Pick<ByteSource, "size" | "replayable">;

/**
 * Decides how a source becomes parts, before anything is created or read.
 *
 * @throws {TooLargeError} when it cannot fit. {NeedsSizeError} when the target must know a size that the source does not
 * tell. {RangeError} when `partSize` or `memory` is outside of what the target takes.
 */
export function chooseWay(
  { size, replayable }: SourceTraits,
  { name }: FileInfo,
  target: Pick<PartTarget<never, never, never>, "name" | "limits">,
  settings: Settings,
): Way {
  const { partSize, memory, inFlight, spool } = settings;
  const { limits } = target;
  const { maxBytes = Number.POSITIVE_INFINITY, needsSize = false, maxParts } = limits;
  if (size !== undefined && size > maxBytes) throw new TooLargeError(name, target.name, size, maxBytes);
  if (size === undefined && needsSize) {
    if (spool === false) throw new NeedsSizeError(name, target.name);
    return { kind: "spool", folder: spool };
  }
  if (replayable && size !== undefined && partSize !== "chunks") {
    return { kind: "ranges", plan: planParts(name, target.name, size, limits, partSize) };
  }
  if (maxParts === 1) return { kind: "whole" };
  if (partSize === "chunks") return { kind: "held", sizes: "chunks" };
  const sizes = streamPartSizes({
    name,
    target: target.name,
    size,
    limits,
    partSize,
    memory: memory.limit,
    concurrency: inFlight,
  });
  return { kind: "held", sizes };
}
