import { retry, systemClock } from "@sluice/retry";
import type { ByteSource } from "@sluice/source";
import { planParts } from "./part-plan.ts";
import { partSource } from "./part-source.ts";
import type { Context, PartTarget } from "./part-target.ts";
import { ProgressMeter } from "./progress.ts";
import { CompletionUnknownError, NeedsSizeError } from "./upload-errors.ts";
import type { UploadOptions } from "./upload-options.ts";

/**
 * Uploads a replayable source in parallel parts and returns what the target's `complete` returned.
 *
 * Parts are read as they are sent, from their own range of the source; none is ever held whole. A failed part goes
 * again, from its own bytes, as `retry` and the target's `repeat` allow. On any failure or abort the others are stopped
 * and the upload is cancelled at the target; that is waited for, `cleanupTimeout` at most, before the promise rejects.
 *
 * @param source What to upload. It is not closed: that is its owner's.
 * @throws {TooLargeError} when it cannot fit. {NeedsSizeError} when the target must know a size that the source does not.
 * @throws {CompletionUnknownError} when the completion got no clear answer and the target cannot be asked.
 * @throws {AbortSignal["reason"]} when aborted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bytesSource } from "@sluice/source";
 * import { type PartTarget, upload } from "@sluice/uploader";
 *
 * const stored: string[] = [];
 * const memory: PartTarget<string, number, string> = {
 *   name: "memory",
 *   limits: { preferredPartSize: 4 },
 *   repeat: "harmless",
 *   create: async () => "session",
 *   async put(_session, { index, body }, { signal }) {
 *     stored[index] = await new Response(body.stream({ signal })).text();
 *     return index;
 *   },
 *   complete: async (_session, receipts) => receipts.map((index) => stored[index]).join(""),
 *   cancel: async () => {},
 * };
 * const source = bytesSource(new TextEncoder().encode("sluice gate"));
 * assert.equal(await upload(source, memory), "sluice gate");
 * ```
 */
export async function upload<Session, Receipt, Result>(
  source: ByteSource,
  target: PartTarget<Session, Receipt, Result>,
  options: UploadOptions = {},
): Promise<Result> {
  const { partSize = "auto", concurrency = 4, cleanupTimeout = 5_000, signal } = options;
  const { clock = systemClock, onProgress = () => {}, onEvent = () => {} } = options;
  const name = source.name ?? "upload";
  checkInteger("concurrency", concurrency);
  if (partSize !== "auto") checkInteger("partSize", partSize);
  if (!source.replayable) {
    throw new TypeError(`Cannot upload "${name}": "source" must be replayable, received one that can be read once`);
  }
  if (source.size === undefined) throw new NeedsSizeError(name, target.name);
  const plan = planParts(name, target.name, source.size, target.limits, partSize);
  signal?.throwIfAborted();

  // Stops every part when one has failed for good, or the caller aborts.
  const stop = new AbortController();
  const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const context: Context = { signal: ended, attempt: 1, sent: () => {} };
  const session = await target.create(
    { name, type: source.type ?? "application/octet-stream", size: plan.size },
    context,
  );

  try {
    const receipts = await putAll();
    return await complete(receipts);
  } catch (reason) {
    stop.abort(reason);
    // A completion that may have succeeded is not to be cancelled.
    if (!(reason instanceof CompletionUnknownError)) await cleanUp();
    throw signal?.aborted ? signal.reason : reason;
  }

  async function putAll(): Promise<Receipt[]> {
    const meter = new ProgressMeter(plan.size, plan.parts, () => clock.now(), onProgress);
    const receipts = new Array<Receipt>(plan.parts);
    let next = 0;
    const workers = Array.from({ length: Math.min(concurrency, plan.parts) }, async () => {
      while (next < plan.parts && !ended.aborted) {
        const index = next;
        next += 1;
        receipts[index] = await putPart(index, meter);
      }
    });
    try {
      await Promise.all(workers);
    } catch (reason) {
      stop.abort(reason);
      // Nothing may touch the source after the promise has rejected.
      await Promise.allSettled(workers);
      throw reason;
    }
    ended.throwIfAborted();
    return receipts;
  }

  async function putPart(index: number, meter: ProgressMeter): Promise<Receipt> {
    const offset = index * plan.partSize;
    const size = Math.min(plan.partSize, plan.size - offset);
    const part = { index, offset, size, body: partSource(source, offset, size), digests: {} };
    const { retry: given, random } = options;
    const attempts = given === false || target.repeat === "never" ? { attempts: 1 } : {};
    return retry(
      async ({ attempt, signal }) => {
        let sent = 0;
        try {
          const receipt = await target.put(session, part, {
            signal,
            attempt,
            sent(bytes) {
              sent += bytes;
              meter.sent(bytes);
            },
          });
          meter.acknowledge(size, sent);
          return receipt;
        } catch (error) {
          meter.sent(-sent);
          throw error;
        }
      },
      {
        ...(given || {}),
        ...attempts,
        signal: ended,
        clock,
        random,
        onRetry: ({ attempt, delay, error }) => onEvent({ type: "retry", part: index, attempt, delay, error }),
      },
    );
  }

  async function complete(receipts: Receipt[]): Promise<Result> {
    try {
      return await target.complete(session, receipts, { size: plan.size, digests: {} }, context);
    } catch (cause) {
      if (ended.aborted || !isUnclear(cause)) throw cause;
      const found = await target.inspect?.(session, context).catch(() => undefined);
      if (found?.state === "completed" && found.result !== undefined) return found.result;
      if (found?.state === "canceled" || found?.state === "expired") throw cause;
      throw new CompletionUnknownError(name, target.name, session, { cause });
    }
  }

  /** Cancels the upload at the target, within its time, and says how that went. */
  async function cleanUp(): Promise<void> {
    const limit = new AbortController();
    const timer = clock.setTimeout(
      () => limit.abort(new Error(`no answer within ${cleanupTimeout} ms`)),
      cleanupTimeout,
    );
    const late = new Promise<never>((_, reject) => {
      limit.signal.addEventListener("abort", () => reject(limit.signal.reason), { once: true });
    });
    late.catch(() => {});
    try {
      await Promise.race([target.cancel(session, { ...context, signal: limit.signal }), late]);
      onEvent({ type: "cleanup", done: true });
    } catch (error) {
      onEvent({ type: "cleanup", done: false, error });
    } finally {
      clock.clearTimeout(timer);
    }
  }
}

/** Whether the request that failed so may have been carried out all the same. */
function isUnclear(error: unknown): boolean {
  const { status, retryable } = Object(error) as { status?: number; retryable?: boolean };
  return status === undefined ? retryable === true : status >= 500 || status === 408;
}

function checkInteger(option: string, value: number): void {
  if (typeof value !== "number") {
    throw new TypeError(`Cannot upload: "${option}" must be a positive integer, received ${typeof value}`);
  }
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`Cannot upload: "${option}" must be a positive integer, received ${value}`);
  }
}
