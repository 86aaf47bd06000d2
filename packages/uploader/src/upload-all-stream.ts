import type { ByteSource } from "@sluice/source";
import type { PartTarget } from "./part-target.ts";
import { type Outcome, type UploadAllOptions, uploadAll } from "./upload-all.ts";

/**
 * `uploadAll` as a stage: sources in, outcomes out, as they are had.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bytesSource } from "@sluice/source";
 * import { UploadAllStream } from "@sluice/uploader";
 * import { MemoryTarget } from "@sluice/uploader/testing";
 *
 * const sources = new ReadableStream({
 *   start(controller) {
 *     controller.enqueue(bytesSource(Uint8Array.of(1, 2, 3), { name: "a.bin" }));
 *     controller.close();
 *   },
 * });
 * for await (const { source, ok } of sources.pipeThrough(new UploadAllStream(new MemoryTarget()))) {
 *   assert.deepEqual([source.name, ok], ["a.bin", true]);
 * }
 * ```
 */
export class UploadAllStream<Result, Session = unknown, Receipt = unknown> {
  readonly readable: ReadableStream<Outcome<Result>>;
  readonly writable: WritableStream<ByteSource>;

  constructor(target: PartTarget<Session, Receipt, Result>, options: UploadAllOptions = {}) {
    const { readable: sources, writable } = new TransformStream<ByteSource, ByteSource>(
      undefined,
      { highWaterMark: 1 },
      { highWaterMark: 0 },
    );
    const outcomes = uploadAll(iterate(sources), target, options);
    this.writable = writable;
    this.readable = new ReadableStream<Outcome<Result>>(
      {
        async pull(controller) {
          const { done, value } = await outcomes.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await outcomes.return();
        },
      },
      { highWaterMark: 0 },
    );
  }
}

/** Not every browser's streams are iterable. */
async function* iterate(stream: ReadableStream<ByteSource>): AsyncGenerator<ByteSource> {
  const reader = stream.getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } finally {
    await reader.cancel();
  }
}
