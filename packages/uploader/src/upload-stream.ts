import { checkParties } from "./check-parties.ts";
import { chooseWay } from "./choose-way.ts";
import type { PartTarget } from "./part-target.ts";
import { resolveOptions } from "./settings.ts";
import { fileInfoOf, uploadWith } from "./upload.ts";
import type { UploadOptions } from "./upload-options.ts";
import { WrittenSource } from "./written-source.ts";

/** Options of `UploadStream`. */
export interface UploadStreamOptions extends UploadOptions {
  /** What the file is called. @default "upload" */
  name?: string | undefined;
  /** Media type. @default "application/octet-stream" */
  type?: string | undefined;
  /** How many bytes there will be, where that is known. One more or one less is an error. */
  size?: number | undefined;
}

/**
 * The end of a pipe: what is written to it is uploaded, as `upload` does with a source that can be read only once.
 *
 * A write is done when its bytes have been taken over into a part, so that a slow target slows the pipe down. Large
 * chunks that have their memory to themselves are not copied: leave them alone once they are written. Closing waits until
 * the target has confirmed the whole; aborting cleans up at the target.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { UploadStream } from "@sluice/uploader";
 * import { MemoryTarget } from "@sluice/uploader/testing";
 *
 * const sink = new UploadStream(new MemoryTarget(), { name: "greeting.txt" });
 * await new Blob(["hello"]).stream().pipeTo(sink);
 * assert.equal(new TextDecoder().decode(await sink.result), "hello");
 * ```
 */
export class UploadStream<Result, Session = unknown, Receipt = unknown> extends WritableStream<Uint8Array> {
  /** What the target's `complete` returned. Rejects as the stream errors; nobody has to look at it. */
  readonly result: Promise<Result>;

  /**
   * @throws {TypeError | RangeError} for an option that is not what it must be. {NeedsSizeError} when the target must know
   * the size and neither `size` nor `spool` is given. {TooLargeError} when `size` is more than it takes.
   */
  constructor(target: PartTarget<Session, Receipt, Result>, options: UploadStreamOptions = {}) {
    const { name, type, size, signal } = options;
    const abort = new AbortController();
    const settings = resolveOptions("construct UploadStream", {
      ...options,
      signal: signal ? AbortSignal.any([signal, abort.signal]) : abort.signal,
    });
    const info = { name, type, size };
    checkParties({ stream() {} }, target);
    chooseWay({ size, replayable: false }, fileInfoOf(info), target, settings);
    const source = new WrittenSource(info);
    const result = uploadWith(source, target, settings);
    super({
      start(controller) {
        // `abort` below is called when the write that is under way has settled, which may wait for this.
        controller.signal.addEventListener("abort", () => abort.abort(controller.signal.reason));
        result.catch((reason: unknown) => {
          // Node 22 breaks when a stream is errored while it is being aborted; and it needs no other error then.
          if (!controller.signal.aborted) controller.error(reason);
          source.fail(reason);
        });
      },
      write: (chunk) => source.write(chunk as Uint8Array<ArrayBuffer>),
      async close() {
        source.end();
        await result;
      },
      async abort(reason) {
        abort.abort(reason);
        await result.catch(() => {});
      },
    });
    this.result = result;
  }
}
