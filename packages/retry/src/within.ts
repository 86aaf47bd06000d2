import { type Clock, systemClock } from "./clock.ts";
import { DeadlineError } from "./deadline-error.ts";
import { onAbort } from "./on-abort.ts";
import { startTimer } from "./start-timer.ts";

/** How long `within` waits, and for whom it stops. */
export interface WithinOptions {
  /** Time for everything. Without one there is no timer. */
  deadline?: number | undefined;
  /** What to reject with at the deadline. @default {a DeadlineError} */
  late?: (() => unknown) | undefined;
  /** Ends everything at once; the promise rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Where time comes from. @default {systemClock} */
  clock?: Clock | undefined;
}

/**
 * What `work` comes to, or at once the signal's reason or, at the deadline, an error; what comes later is ignored.
 *
 * `work` need not listen to the signal that it is given. It may hand out `cut`, too, which ends everything with a reason,
 * as an abort does. Once the promise has settled neither a timer nor a listener is left.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { within } from "@sluice/retry";
 *
 * const deaf = () => new Promise<string>(() => {});
 * await assert.rejects(within(deaf, { deadline: 10 }), { code: "deadline" });
 * await assert.rejects(within(deaf, { signal: AbortSignal.abort("enough") }), (reason) => reason === "enough");
 * assert.equal(await within(async (signal) => `aborted: ${signal.aborted}`, { deadline: 1000 }), "aborted: false");
 * ```
 *
 * @param work where it throws before it returns its promise, that rejects
 * @throws {AbortSignal["reason"]} when `signal` is or gets aborted
 * @throws {DeadlineError} when the deadline passes first
 */
export function within<T>(
  work: (signal: AbortSignal, cut: (reason: unknown) => void) => Promise<T>,
  options: WithinOptions = {},
): Promise<T> {
  const { deadline = Infinity, late = () => new DeadlineError(1, deadline), signal, clock = systemClock } = options;
  return new Promise<T>((resolve, reject) => {
    const stop = new AbortController();
    let callOff: (() => void) | undefined;
    let ignore: (() => void) | undefined;
    const release = (): void => {
      callOff?.();
      ignore?.();
    };
    const cut = (reason: unknown): void => {
      release();
      reject(reason);
      stop.abort(reason);
    };
    const expire = (): void => cut(late());

    if (signal?.aborted) cut(signal.reason);
    else if (deadline <= 0) expire();
    else {
      if (signal) ignore = onAbort(signal, () => cut(signal.reason));
      if (deadline < Infinity) callOff = startTimer(clock, deadline, expire);
      new Promise<T>((answer) => answer(work(stop.signal, cut))).finally(release).then(resolve, reject);
    }
  });
}
