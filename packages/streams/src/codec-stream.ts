import type { Codec } from "./codec.ts";
import { linkedPair } from "./linked-pair.ts";
import type { LinkedController } from "./linked-transformer.ts";
import type { StreamPair, StreamsOption } from "./stream-family.ts";

/** Larger chunks of bytes go to the codec in pieces, so that neither its output nor its time on the thread is unbounded. */
const LARGEST_PIECE = 1 << 20;

/**
 * Makes a stage of a codec: one hop, paced by whoever reads it.
 *
 * Bytes that come in chunks of more than 1 MiB reach the codec in views of 1 MiB, and between two of them the stage
 * waits until its output is wanted. Nothing is copied and nothing is queued on the readable side beyond what one call
 * of the codec emits.
 *
 * @throws {TypeError} when `codec.transform` is no function, or `streams` lacks a constructor.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { adopt, codecStream, collectBytes } from "@sluice/streams";
 *
 * const xor = codecStream<Uint8Array, Uint8Array>({
 *   transform: (chunk, emit) => emit(chunk.map((byte) => byte ^ 0xff)),
 * });
 * const bytes = await collectBytes(adopt([Uint8Array.of(0, 1)]).pipeThrough(xor));
 * assert.deepEqual([...bytes], [255, 254]);
 * ```
 */
export function codecStream<In, Out>(codec: Codec<In, Out>, options: StreamsOption = {}): StreamPair<In, Out> {
  if (typeof codec?.transform !== "function") {
    throw new TypeError(
      `Cannot make a stage: "codec" must have a transform function, received ${typeof codec?.transform}`,
    );
  }
  let emit!: (chunk: Out) => void;
  let over = false;

  /** Releases the codec after a failure of its own; how that went must not hide the failure itself. */
  async function release(reason: unknown): Promise<void> {
    if (over) return;
    over = true;
    try {
      await codec.cancel?.(reason);
    } catch {
      // The stage fails with `reason`.
    }
  }

  return linkedPair<In, Out>(
    {
      prompt: true,
      async start(controller) {
        emit = controller.enqueue as (chunk: Out) => void;
        try {
          await codec.start?.();
        } catch (reason) {
          await release(reason);
          throw reason;
        }
      },
      transform(chunk, controller) {
        try {
          if (!(chunk instanceof Uint8Array) || chunk.byteLength <= LARGEST_PIECE) return codec.transform(chunk, emit);
        } catch (reason) {
          release(reason);
          throw reason;
        }
        return inPieces(chunk, controller);
      },
      flush() {
        try {
          codec.flush?.(emit);
        } catch (reason) {
          release(reason);
          throw reason;
        }
        over = true;
      },
      cancel(reason) {
        if (over) return undefined;
        over = true;
        return codec.cancel?.(reason);
      },
    },
    { highWaterMark: 1 },
    { highWaterMark: 0 },
    options,
  );

  async function inPieces(chunk: In & Uint8Array, controller: LinkedController<Out>): Promise<void> {
    // Read once: of a chunk that its owner detaches meanwhile nothing is left, and the next piece must fail, not be the end.
    const { byteLength } = chunk;
    try {
      for (let offset = 0; offset < byteLength; offset += LARGEST_PIECE) {
        await controller.demand();
        codec.transform(chunk.subarray(offset, offset + LARGEST_PIECE) as In & Uint8Array, emit);
      }
    } catch (reason) {
      // An abort or a cancel goes its own way from here; the write it cut short has not failed.
      if (controller.stopped) return;
      release(reason);
      throw reason;
    }
  }
}
