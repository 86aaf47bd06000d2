import type { Codec } from "./codec.ts";

/**
 * Makes one codec of several: the output of each goes straight into the next, without a stream between them.
 *
 * All are started together. They are flushed in order, and what one emits while it is flushed goes through those after
 * it. When one throws, or the whole is cancelled, each that has not been flushed is cancelled once.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { adopt, type Codec, codecStream, fuse } from "@sluice/streams";
 *
 * const parse: Codec<string, number> = { transform: (text, emit) => emit(Number(text)) };
 * const double: Codec<number, number> = { transform: (value, emit) => emit(2 * value) };
 * const stage = codecStream(fuse(parse, double));
 * assert.deepEqual(await Array.fromAsync(adopt(["1", "2"]).pipeThrough(stage)), [2, 4]);
 * ```
 */
export function fuse<A, B>(first: Codec<A, B>): Codec<A, B>;
export function fuse<A, B, C>(first: Codec<A, B>, second: Codec<B, C>): Codec<A, C>;
export function fuse<A, B, C, D>(first: Codec<A, B>, second: Codec<B, C>, third: Codec<C, D>): Codec<A, D>;
export function fuse<A, B, C, D, E>(
  first: Codec<A, B>,
  second: Codec<B, C>,
  third: Codec<C, D>,
  fourth: Codec<D, E>,
): Codec<A, E>;
export function fuse<T>(...codecs: Codec<T, T>[]): Codec<T, T>;
export function fuse(...codecs: Codec<unknown, unknown>[]): Codec<unknown, unknown> {
  if (codecs.length === 0) throw new TypeError("Cannot fuse codecs: at least one is needed, received none");
  codecs.forEach((codec, index) => {
    if (typeof codec?.transform !== "function") {
      throw new TypeError(
        `Cannot fuse codecs: number ${index} must have a transform function, received ${typeof codec?.transform}`,
      );
    }
  });

  let out!: (chunk: unknown) => void;
  /** `into[i]` hands a chunk to codec i; the last one hands it out. */
  const into: ((chunk: unknown) => void)[] = [(chunk) => out(chunk)];
  for (const codec of codecs.toReversed()) {
    const next = into[0] as (chunk: unknown) => void;
    into.unshift((chunk) => codec.transform(chunk, next));
  }
  const first = into[0] as (chunk: unknown) => void;

  let flushed = 0;
  let over = false;

  /** Cancels all that are not flushed; fails with what the first of them to fail threw, once all have been called. */
  async function cancelAll(reason: unknown): Promise<void> {
    if (over) return;
    over = true;
    const outcomes = await Promise.allSettled(codecs.slice(flushed).map(async (codec) => codec.cancel?.(reason)));
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    if (failure) throw failure.reason;
  }

  function failWith(reason: unknown): never {
    // The failure itself is what the caller must see, not how the clean-up went.
    cancelAll(reason).catch(() => {});
    throw reason;
  }

  return {
    async start() {
      const outcomes = await Promise.allSettled(codecs.map(async (codec) => codec.start?.()));
      const failure = outcomes.find((outcome) => outcome.status === "rejected");
      if (failure) failWith(failure.reason);
    },
    transform(chunk, emit) {
      out = emit;
      try {
        first(chunk);
      } catch (reason) {
        failWith(reason);
      }
    },
    flush(emit) {
      out = emit;
      try {
        for (const [index, codec] of codecs.entries()) {
          codec.flush?.(into[index + 1] as (chunk: unknown) => void);
          flushed = index + 1;
        }
      } catch (reason) {
        failWith(reason);
      }
      over = true;
    },
    cancel: cancelAll,
  };
}
