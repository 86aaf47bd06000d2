import { partCount } from "./part-count.ts";
import type { SendPiece } from "./piece.ts";
import type { Undertaking } from "./undertaking.ts";

/**
 * Parts as ranges of a replayable source: each is read as it is sent, and none is held.
 *
 * @param done The parts that are at the target already, by index.
 */
export async function rangeParts(
  { source, settings, signal, part }: Pick<Undertaking<never, never, never>, "source" | "settings" | "signal" | "part">,
  partSize: number,
  done: ReadonlyMap<number, unknown>,
  send: SendPiece,
): Promise<void> {
  const count = partCount(source.size ?? 0, partSize);
  for (let index = 0; index < count; index += 1) {
    if (done.has(index)) continue;
    const release = await settings.memory.reserveConnection(signal);
    await send({ ...part(index, partSize), held: false, release });
  }
}
