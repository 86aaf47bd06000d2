import type { ByteSource } from "@sluice/source";
import type { Memory } from "./memory.ts";
import { partCount } from "./part-count.ts";
import { partSource } from "./part-source.ts";
import type { SendPiece } from "./piece.ts";

/**
 * Parts as ranges of a replayable source: each is read as it is sent, and none is held.
 *
 * @param done The parts that are at the target already, by index.
 */
export async function rangeParts(
  source: ByteSource,
  partSize: number,
  done: ReadonlyMap<number, unknown>,
  memory: Memory,
  signal: AbortSignal,
  send: SendPiece,
): Promise<void> {
  const { size: whole = 0 } = source;
  const missing = Array.from({ length: partCount(whole, partSize) }, (_, index) => index).filter(
    (index) => !done.has(index),
  );
  for (const index of missing) {
    const offset = index * partSize;
    const size = Math.min(partSize, whole - offset);
    const release = await memory.reserveConnection(signal);
    await send({ index, offset, size, body: partSource(source, offset, size), held: false, release });
  }
}
