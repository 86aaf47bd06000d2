import type { ByteSource } from "@sluice/source";
import type { Memory } from "./memory.ts";
import type { SendPiece } from "./piece.ts";

/** A source that can be read once as one part, for a target that takes one: it is streamed, and never held. */
export async function wholePart(body: ByteSource, memory: Memory, signal: AbortSignal, send: SendPiece): Promise<void> {
  const release = await memory.reserveConnection(signal);
  await send({ index: 0, offset: 0, size: body.size, body, held: false, release });
}
