import type { PartLimits } from "./part-target.ts";
import { TooLargeError } from "./upload-errors.ts";

/** Where the parts of a file of a known size lie. */
export interface PartPlan {
  readonly size: number;
  readonly partSize: number;
  readonly parts: number;
}

/**
 * Lays out the parts: of the size that was asked for, or of the target's preferred one, grown where there would be more
 * parts than the target takes.
 *
 * @throws {TooLargeError} when the file cannot fit. {RangeError} when `partSize` is outside the target's limits.
 */
export function planParts(
  name: string,
  target: string,
  size: number,
  limits: PartLimits,
  partSize: number | "auto",
): PartPlan {
  const { minPartSize = 1, maxPartSize = Number.MAX_SAFE_INTEGER, maxParts = Number.POSITIVE_INFINITY } = limits;
  const largest = Math.min(limits.maxBytes ?? Number.MAX_SAFE_INTEGER, maxParts * maxPartSize);
  if (size > largest) throw new TooLargeError(name, target, size, largest);
  if (partSize === "auto") {
    const chosen = Math.max(limits.preferredPartSize, minPartSize, Math.ceil(size / maxParts));
    return { size, partSize: chosen, parts: partCount(size, chosen) };
  }
  if (partSize < minPartSize || partSize > maxPartSize) {
    throw new RangeError(
      `Cannot upload "${name}": "partSize" must be from ${minPartSize} to ${maxPartSize} for ${target}, received ${partSize}`,
    );
  }
  if (partCount(size, partSize) > maxParts) {
    throw new RangeError(
      `Cannot upload "${name}": "partSize" must be at least ${Math.ceil(size / maxParts)}, for ${target} takes ${maxParts} parts at most, received ${partSize}`,
    );
  }
  return { size, partSize, parts: partCount(size, partSize) };
}

/** How many parts there are; an empty file is one empty part. */
export function partCount(size: number, partSize: number): number {
  return Math.max(1, Math.ceil(size / partSize));
}
