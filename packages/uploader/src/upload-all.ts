import { expectOptions } from "@sluice/retry";
import type { ByteSource } from "@sluice/source";
import type { PartTarget } from "./part-target.ts";
import { resolveOptions } from "./settings.ts";
import { uploadWith } from "./upload.ts";
import type { UploadOptions } from "./upload-options.ts";

/** Options of `uploadAll`. */
export interface UploadAllOptions extends Omit<UploadOptions, "key"> {
  /** Sources in work at once. Their parts share one concurrency and one memory. @default 4 */
  inFlight?: number | undefined;
}

/** How it went with one source. */
export type Outcome<Result> =
  | { readonly source: ByteSource; readonly ok: true; readonly result: Result }
  | { readonly source: ByteSource; readonly ok: false; readonly error: unknown };

/**
 * Uploads many sources, within one concurrency and one memory; outcomes come as they are had. A failure is an outcome,
 * and ends nothing else; an abort of `signal` is one of each source that had been begun, and then rejects.
 *
 * Sources are taken as there is room for them. They are not closed. Whoever stops iterating aborts what is in flight.
 *
 * @throws {TypeError | RangeError} at the first step, for an option that is not what it must be.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bytesSource } from "@sluice/source";
 * import { uploadAll } from "@sluice/uploader";
 * import { MemoryTarget } from "@sluice/uploader/testing";
 *
 * const sources = ["one", "two"].map((name) => bytesSource(new TextEncoder().encode(name), { name }));
 * for await (const outcome of uploadAll(sources, new MemoryTarget())) assert.ok(outcome.ok);
 * ```
 */
export async function* uploadAll<Session, Receipt, Result>(
  sources: Iterable<ByteSource> | AsyncIterable<ByteSource>,
  target: PartTarget<Session, Receipt, Result>,
  options: UploadAllOptions = {},
): AsyncGenerator<Outcome<Result>, void, undefined> {
  const { inFlight = 4, signal, ...rest } = options;
  expectOptions("upload all", { inFlight }, { inFlight: 1 });
  const stop = new AbortController();
  const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const settings = resolveOptions("upload all", { ...rest, signal: ended });
  const iterator = Symbol.asyncIterator in sources ? sources[Symbol.asyncIterator]() : sources[Symbol.iterator]();
  /** Outcomes that nobody has taken yet. Each keeps its place among those in flight. */
  const waiting: { readonly outcome: Outcome<Result>; taken(): void }[] = [];
  let wake = (): void => {};
  let over = false;

  let turn: Promise<IteratorResult<ByteSource>> | undefined;
  /** One after the other: an iterator need not bear to be asked twice at once. */
  const nextSource = (): Promise<IteratorResult<ByteSource>> => {
    const before = turn;
    turn = (async () => {
      const last = await before;
      return last?.done || ended.aborted ? { done: true, value: undefined } : iterator.next();
    })();
    return turn;
  };
  const work = async (): Promise<void> => {
    for (let step = await nextSource(); !step.done; step = await nextSource()) {
      const outcome = await outcomeOf(step.value);
      await new Promise<void>((taken) => {
        waiting.push({ outcome, taken });
        wake();
        if (stop.signal.aborted) taken();
      });
    }
  };
  const outcomeOf = (source: ByteSource): Promise<Outcome<Result>> =>
    uploadWith(source, target, settings).then(
      (result) => ({ source, ok: true, result }),
      (error: unknown) => ({ source, ok: false, error }),
    );

  const workers = Promise.all(Array.from({ length: inFlight }, work)).finally(() => {
    over = true;
    wake();
  });
  workers.catch(() => {});
  try {
    while (!over || waiting.length > 0) {
      const next = waiting.shift();
      if (next) {
        next.taken();
        yield next.outcome;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    await workers;
    signal?.throwIfAborted();
  } finally {
    stop.abort(new DOMException("Nobody waits for the uploads any more", "AbortError"));
    for (const { taken } of waiting) taken();
    await workers.catch(() => {});
    await iterator.return?.();
  }
}
