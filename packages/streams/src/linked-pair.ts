import type { LinkedController, LinkedTransformer } from "./linked-transformer.ts";
import { constructorsOf, type StreamPair, type StreamsOption } from "./stream-family.ts";

/** Web IDL's conversion to a promise: unlike `Promise.resolve`, a new one that settles as many ticks later as the platform's. */
function settled(value: unknown): Promise<unknown> {
  return new Promise((resolve) => resolve(value));
}

/**
 * The state machine of the standard's TransformStream over any family's public ReadableStream and WritableStream.
 * `https://streams.spec.whatwg.org/#ts-abstract-ops` is the text behind each step; what the standard reads from the
 * streams' internal slots is kept here as variables. Every stage of this package runs on it.
 */
export function linkedPair<In, Out>(
  transformer: LinkedTransformer<In, Out>,
  writableStrategy: QueuingStrategy<In>,
  readableStrategy: QueuingStrategy<Out>,
  { streams }: StreamsOption,
): StreamPair<In, Out> {
  const { ReadableStream, WritableStream } = constructorsOf(streams);
  let source!: ReadableStreamDefaultController<Out>;
  let sink!: WritableStreamDefaultController;
  let { transform, flush, cancel }: Partial<LinkedTransformer<In, Out>> = transformer;

  let started = false;
  let writing = false;
  let backpressure = true;
  let pulledByEnqueue = false;
  /** Resumes whoever waits for demand. A WritableStream has one write in flight, so there is one at most. */
  let resume: (() => void) | undefined;
  let readableOpen = true;
  let cancelled: { reason: unknown } | undefined;
  let readableFailure: { reason: unknown } | undefined;
  let writableFailure: { reason: unknown } | undefined;
  /** The standard's [[finishPromise]]: whichever of close, abort and cancel came first. */
  let finish: Promise<void> | undefined;

  function relieve(): void {
    backpressure = false;
    const waiting = resume;
    resume = undefined;
    waiting?.();
  }

  function failReadable(reason: unknown): void {
    if (readableOpen) {
      readableOpen = false;
      readableFailure = { reason };
    }
    source.error(reason);
  }

  function failWritable(reason: unknown): void {
    transform = flush = cancel = undefined;
    writableFailure ??= storedError() ?? { reason };
    sink.error(reason);
    relieve();
  }

  /** The writable side's stored error: ours, or that of an abort, which no callback has told us yet. */
  function storedError(): { reason: unknown } | undefined {
    return writableFailure ?? (sink.signal?.aborted ? { reason: sink.signal.reason } : undefined);
  }

  /** Why nothing more should be produced, if so. */
  function ended(): { reason: unknown } | undefined {
    return cancelled ?? readableFailure ?? storedError();
  }

  function fail(reason: unknown): void {
    failReadable(reason);
    failWritable(reason);
  }

  function perform(chunk: In): Promise<void> | undefined {
    let result: unknown;
    try {
      result = transform?.(chunk, controller);
    } catch (reason) {
      writing = false;
      fail(reason);
      throw reason;
    }
    if (result === undefined) {
      writing = false;
      return undefined;
    }
    return settled(result).then(
      () => {
        writing = false;
      },
      (reason) => {
        writing = false;
        fail(reason);
        throw reason;
      },
    );
  }

  /** Runs `last`, the final call into the transformer, once; both sides wait for the same outcome. */
  function finishWith(
    last: ((argument: never) => unknown) | undefined,
    argument: unknown,
    succeeded: () => void,
    failed: (reason: unknown) => void,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    finish = promise;
    let result: unknown;
    try {
      result = last?.(argument as never);
    } catch (reason) {
      result = Promise.reject(reason);
    }
    transform = flush = cancel = undefined;
    settled(result).then(
      () => {
        try {
          succeeded();
          resolve();
        } catch (reason) {
          reject(reason);
        }
      },
      (reason) => {
        failed(reason);
        reject(reason);
      },
    );
    return promise;
  }

  const controller: LinkedController<Out> = {
    get desiredSize() {
      return source.desiredSize;
    },
    get stopped() {
      return cancelled !== undefined || sink.signal?.aborted === true;
    },
    enqueue(chunk) {
      if (!readableOpen) throw new TypeError("Cannot enqueue a chunk: the readable side is closed or failed");
      pulledByEnqueue = false;
      try {
        source.enqueue(chunk as Out);
      } catch (reason) {
        // The strategy's size() threw, or gave no size: the standard has failed the readable side already.
        failReadable(reason);
        failWritable(reason);
        throw readableFailure?.reason;
      }
      if (!pulledByEnqueue && !((source.desiredSize ?? 0) > 0)) backpressure = true;
    },
    error: fail,
    terminate() {
      if (readableOpen) {
        readableOpen = false;
        source.close();
      }
      failWritable(new TypeError("The transformer ended the stream by terminate()"));
    },
    demand() {
      const over = ended();
      if (over) return Promise.reject(over.reason);
      if (!backpressure) return undefined;
      return new Promise<void>((resolve) => {
        resume = resolve;
      }).then(() => {
        const over = ended();
        if (over) throw over.reason;
      });
    },
  };

  const { promise: start, resolve: resolveStart } = Promise.withResolvers<unknown>();
  // The streams themselves wait for a promise resolved with this one; so does `started`, to turn true with theirs.
  settled(start).then(
    () => {
      started = true;
    },
    (reason) => {
      started = true;
      // The standard fails both sides by itself; only our own picture of them is brought up to date.
      readableOpen = false;
      readableFailure ??= { reason };
      writableFailure ??= { reason };
    },
  );

  const writable = new WritableStream<In>(
    {
      start(given) {
        sink = given;
        if (transformer.prompt) sink.signal?.addEventListener("abort", relieve, { once: true });
        return start as Promise<void>;
      },
      write(chunk) {
        writing = true;
        if (!backpressure) return perform(chunk) as Promise<void>;
        return new Promise<void>((resolve) => {
          resume = resolve;
        }).then(() => {
          const stored = storedError();
          if (!stored) return perform(chunk);
          writing = false;
          throw stored.reason;
        });
      },
      close() {
        return (
          finish ??
          finishWith(
            flush,
            controller,
            () => {
              if (readableFailure) throw readableFailure.reason;
              if (!readableOpen) return;
              readableOpen = false;
              source.close();
            },
            failReadable,
          )
        );
      },
      abort(reason) {
        return (
          finish ??
          finishWith(
            cancel,
            reason,
            () => {
              if (readableFailure) throw readableFailure.reason;
              failReadable(reason);
            },
            failReadable,
          )
        );
      },
    },
    writableStrategy,
  );

  const readable = new ReadableStream<Out>(
    {
      start(given) {
        source = given;
        return start as Promise<void>;
      },
      pull() {
        pulledByEnqueue = true;
        relieve();
      },
      cancel(reason) {
        readableOpen = false;
        cancelled = { reason };
        if (finish) {
          // A flush that waits for demand would wait for ever.
          relieve();
          return finish;
        }
        return finishWith(
          cancel,
          reason,
          () => {
            const stored = started && !writing ? storedError() : undefined;
            if (stored) throw stored.reason;
            failWritable(reason);
          },
          failWritable,
        );
      },
    },
    readableStrategy,
  );

  resolveStart(transformer.start?.(controller));
  return { readable, writable };
}
