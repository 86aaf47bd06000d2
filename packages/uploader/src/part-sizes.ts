import { planParts } from "./part-plan.ts";
import type { PartLimits } from "./part-target.ts";

/** What decides how large the parts of a stream are. */
export interface StreamParts {
  readonly name: string;
  readonly target: string;
  readonly size: number | undefined;
  readonly limits: PartLimits;
  readonly partSize: number | "auto";
  /** Bytes that may be held. */
  readonly memory: number;
  /** Parts in flight, as far as is known. */
  readonly concurrency: number;
}

/** The size of the part with this index, undefined where the target takes no more. */
export type PartSizes = (index: number) => number | undefined;

/** How often the parts of a stream of unknown length double, up to what the target takes. */
const STEPS = 10;

/**
 * How large the parts of a stream are that can be read only once, so that each is held until it has arrived.
 *
 * Of an unknown length, they double with every tenth of the parts that the target takes: the first ones are small enough
 * to be held, and the number of parts does not become a limit of the size.
 *
 * @throws {RangeError} when not even one part fits into `memory`.
 */
export function streamPartSizes(parts: StreamParts): PartSizes {
  const { name, target, size, limits, partSize, memory, concurrency } = parts;
  const { minPartSize = 1, maxPartSize = Number.MAX_SAFE_INTEGER, maxParts = Number.POSITIVE_INFINITY } = limits;
  const least = size === undefined || maxParts === Number.POSITIVE_INFINITY ? 1 : Math.ceil(size / maxParts);
  const smallest = partSize === "auto" ? Math.max(minPartSize, least) : partSize;
  // Refuses what cannot fit at all.
  planParts(name, target, size ?? 0, limits, partSize);
  if (smallest > memory) {
    throw new RangeError(
      `Cannot upload "${name}": "memory" must be at least ${smallest}, one part of a stream that can be read only once, received ${memory}`,
    );
  }
  const within = (index: number, bytes: number) => (index < maxParts ? bytes : undefined);
  if (partSize !== "auto") return (index) => within(index, partSize);
  // One more than are in flight: the next one is filled meanwhile.
  const fair = Math.floor(memory / (concurrency + 1));
  const first = Math.max(smallest, Math.min(limits.preferredPartSize, fair));
  if (size !== undefined || maxParts === Number.POSITIVE_INFINITY) return (index) => within(index, first);
  const step = Math.max(1, Math.floor(maxParts / STEPS));
  const largest = Math.min(maxPartSize, memory);
  return (index) => within(index, Math.min(largest, first * 2 ** Math.floor(index / step)));
}
