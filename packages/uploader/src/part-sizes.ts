import type { HeldWay } from "./choose-way.ts";
import type { Memory } from "./memory.ts";
import type { FileInfo, PartTarget } from "./part-target.ts";

/**
 * How large the part with this index is, at most; undefined where the target takes no more.
 * @param chunk The size of the chunk that it begins with.
 * @throws {RangeError} when the chunk cannot be a part of its own, as it is to be.
 */
export type PartSizes = (index: number, chunk: number) => number | undefined;

/** How often the parts of a stream of unknown length double, up to what the target takes. */
const STEPS = 10;

/**
 * The sizes of held parts.
 *
 * Those that grow double with every tenth of the parts that the target takes: the first ones are small enough to be held,
 * and the number of parts does not become a limit of the size.
 */
export function partSizes(
  { partSize, grows }: HeldWay,
  { name }: FileInfo,
  { limits }: Pick<PartTarget<never, never, never>, "limits">,
  memory: Memory,
): PartSizes {
  const { minPartSize = 1, maxPartSize = Infinity, maxParts = Infinity } = limits;
  const most = Math.min(maxPartSize, memory.limit);
  if (partSize === "chunks") return chunkSizes(name, minPartSize, most, maxParts);
  const step = grows ? Math.max(1, Math.floor(maxParts / STEPS)) : Infinity;
  return (index) => (index < maxParts ? Math.min(most, partSize * 2 ** Math.floor(index / step)) : undefined);
}

/** Each chunk is a part, as it is. Only the last one may be too short, and that is known when another one comes. */
function chunkSizes(name: string, least: number, most: number, maxParts: number): PartSizes {
  let short = 0;
  return (index, chunk) => {
    if (short > 0 || chunk > most) {
      throw new RangeError(
        `Cannot upload "${name}": "chunk" must be a part of ${least} to ${most} bytes, as "partSize" is "chunks", received ${short || chunk}`,
      );
    }
    if (chunk < least) short = chunk;
    return index < maxParts ? chunk : undefined;
  };
}
