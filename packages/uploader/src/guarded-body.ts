import { type ByteSource, type ReadOptions, SizeMismatchError } from "@sluice/source";

/** What stands between a part's bytes and the attempt that sends them. */
export interface BodyGuard {
  /** Aborted when the attempt is over: from then on nothing is read. */
  readonly signal: AbortSignal;
  /** Called with the bytes of each read, before they are handed on; may hold them back. */
  pass(bytes: number): Promise<void> | undefined;
  /** Whether `pass` may hold bytes back. */
  readonly paced: boolean;
  /** Called when bytes are taken as a Blob, which the transport reads unseen. */
  unread(): void;
}

/**
 * The body of one attempt. It counts and paces what is read, and ends with the attempt, also for a target that does not
 * listen to its signal: a request that was given up reads no more of a source that may be closed by then.
 */
export function guardedBody(body: ByteSource, { signal, pass, paced, unread }: BodyGuard): ByteSource {
  const { read, views, blob } = body;
  const own = { signal };
  // One function and one promise for all reads of a chunk: 16 GiB in 448 KiB reads are 37,000 of them.
  const passed = (count: number): number | Promise<number> => {
    if (signal.aborted) throw signal.reason;
    const held = pass(count);
    return held ? held.then(() => count) : count;
  };
  return {
    size: body.size,
    name: body.name,
    type: body.type,
    replayable: body.replayable,
    fingerprint: body.fingerprint,
    stream({ start = 0, end = body.size, signal: other } = {}) {
      signal.throwIfAborted();
      other?.throwIfAborted();
      const inner = body.stream({ start, end }).getReader();
      // NaN where it is not known: no comparison holds.
      const size = (end ?? NaN) - start;
      let left = size;
      let stopped = false;
      return new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          start(controller) {
            // Two listeners, and no signal made of both for each part.
            const stop = ({ target }: Event) => {
              const { reason } = target as AbortSignal;
              stopped = true;
              controller.error(reason);
              inner.cancel(reason).catch(() => {});
            };
            signal.addEventListener("abort", stop);
            other?.addEventListener("abort", stop);
          },
          async pull(controller) {
            const { done, value } = await inner.read();
            if (stopped) return;
            left -= value?.byteLength ?? 0;
            // More is known at once; a source of our own has noticed itself.
            if (left < 0 || (done && left > 0)) throw new SizeMismatchError(nameOf(body), size, size - left);
            if (done) return controller.close();
            await pass(value.byteLength);
            if (!stopped) controller.enqueue(value);
          },
          cancel: (reason) => inner.cancel(reason),
        },
        { highWaterMark: 0 },
      );
    },
    ...(read && {
      read: (into: Uint8Array, position: number, options: ReadOptions = own) =>
        signal.aborted ? Promise.reject(signal.reason) : read.call(body, into, position, options).then(passed),
    }),
    ...(views &&
      !paced && { views: (start: number, end: number) => guardedViews(views.call(body, start, end), signal, pass) }),
    ...(blob && {
      blob(start: number, end: number) {
        signal.throwIfAborted();
        unread();
        return blob.call(body, start, end);
      },
    }),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

/**
 * No method of the body: each generator function makes V8 a hidden class of its own, which keeps all that the function
 * sees alive until all of the heap is collected.
 */
function* guardedViews(
  views: Iterable<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
  pass: BodyGuard["pass"],
): Generator<Uint8Array<ArrayBuffer>, undefined> {
  for (const view of views) {
    signal.throwIfAborted();
    pass(view.byteLength);
    yield view;
  }
}

function nameOf({ name }: ByteSource): string {
  return name === undefined ? "the source" : JSON.stringify(name);
}
