import type { TakeChunk } from "@sluice/source";
import type { Way } from "./choose-way.ts";
import { type HeldPartsOptions, heldParts } from "./held-parts.ts";
import { oneShotSource } from "./one-shot-source.ts";
import { partSizes } from "./part-sizes.ts";
import type { PartTarget } from "./part-target.ts";
import type { SendPiece } from "./piece.ts";
import { pourStream } from "./pour-stream.ts";

/** What is uploaded as it is streamed. */
export interface StreamedUpload extends Omit<HeldPartsOptions, "pour" | "sizes"> {
  readonly target: Pick<PartTarget<never, never, never>, "limits">;
  readonly way: Extract<Way, { kind: "whole" | "held" }>;
  /** The source's bytes, on their way through whatever else wants to see them. */
  readonly passing: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
}

/** The parts of a source that is read once, from its beginning to its end. */
export function streamedParts(upload: StreamedUpload, send: SendPiece): Promise<void> {
  const { source, file, target, way, settings, passing, signal } = upload;
  const { memory } = settings;
  const stream = () => passing ?? source.stream({ signal });
  if (way.kind === "whole") return sendWhole();
  const pour = (take: TakeChunk) =>
    !passing && source.pour
      ? source.pour(take, { signal, lend: way.partSize !== "chunks" })
      : pourStream(stream(), take, signal);
  return heldParts({ ...upload, pour, sizes: partSizes(way, file, target, memory) }, send);

  /** One part, for a target that takes one: it is never held. */
  async function sendWhole(): Promise<void> {
    const body = oneShotSource(stream(), source);
    const release = await memory.reserveConnection(signal);
    await send({ index: 0, offset: 0, size: source.size, body, held: false, release });
  }
}
