import type { Clock } from "./clock.ts";

/** A {@link Clock} that stands still until it is moved; see {@link virtualClock}. */
export interface VirtualClock extends Clock {
  /** Timers that have neither fired nor been cleared: 0 shows that nothing was left behind. */
  readonly pending: number;
  /** Moves the time on by `duration` milliseconds, firing what falls due in order; each timer's consequences run before the next. */
  advance(duration: number): Promise<void>;
  /** Jumps from timer to timer until `promise` settles, and settles like it. */
  run<T>(promise: Promise<T>): Promise<T>;
}

/** Real milliseconds in which a promise may settle without a timer: a browser reads the body of a Request meanwhile. */
const PATIENCE = 2_000;

/**
 * Creates a clock for tests: hours pass in milliseconds, and the same way each time.
 *
 * It has the platform's trap, too: a delay above 2³¹ − 1 fires at once.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { retry } from "@sluice/retry";
 * import { virtualClock } from "@sluice/retry/testing";
 *
 * const clock = virtualClock();
 * const busy = Object.assign(new Error("busy"), { retryable: true, retryAfter: 3_600_000 });
 * const result = retry(async ({ attempt }) => (attempt < 3 ? Promise.reject(busy) : "ok"), { clock, random: () => 0 });
 * assert.equal(await clock.run(result), "ok");
 * assert.equal(clock.now(), 7_200_000);
 * assert.equal(clock.pending, 0);
 * ```
 *
 * @param now the time it starts at, in milliseconds since the epoch
 */
export function virtualClock(now = 0): VirtualClock {
  const timers = new Set<{ due: number; callback: () => void }>();

  // A macrotask lets every microtask finish, however long their chain is.
  const drain = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

  const fireNext = async (limit: number): Promise<boolean> => {
    let next: { due: number; callback: () => void } | undefined;
    for (const timer of timers) if (!next || timer.due < next.due) next = timer;
    if (!next || next.due > limit) return false;
    timers.delete(next);
    now = next.due;
    next.callback();
    await drain();
    return true;
  };

  return {
    now: () => now,
    setTimeout(callback, delay) {
      const timer = { due: now + (delay > 0 && delay < 2 ** 31 ? delay : 0), callback };
      timers.add(timer);
      return timer;
    },
    clearTimeout: (handle) => void timers.delete(handle as { due: number; callback: () => void }),
    get pending() {
      return timers.size;
    },
    async advance(duration) {
      const end = now + duration;
      await drain();
      while (await fireNext(end));
      now = end;
    },
    async run(promise) {
      let settled = false;
      const done = (): void => {
        settled = true;
      };
      promise.then(done, done);
      await drain();
      let moved = performance.now();
      while (!settled && performance.now() - moved < PATIENCE) {
        if (await fireNext(Infinity)) moved = performance.now();
        else await drain();
      }
      if (!settled) throw new Error("Cannot run to the end: the promise is pending and no timer is left");
      return promise;
    },
  };
}
