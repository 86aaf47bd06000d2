import type { Clock } from "./clock.ts";

/** 23 days. From 2³¹ ms on a delay overflows in every runtime, and the timer fires at once. */
const LONGEST_TIMER = 2e9;

/**
 * Calls back after a delay, however long: what a timer cannot hold is waited for in slices.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { startTimer } from "@sluice/retry";
 * import { virtualClock } from "@sluice/retry/testing";
 *
 * const clock = virtualClock();
 * let rings = 0;
 * startTimer(clock, 3e9, () => (rings += 1));
 * const callOff = startTimer(clock, 10, () => (rings += 1));
 * callOff();
 * await clock.advance(3e9);
 * assert.equal(rings, 1);
 * ```
 *
 * @returns what calls it off
 */
export function startTimer(clock: Clock, delay: number, callback: () => void): () => void {
  let handle: unknown;
  const next = (): void => {
    const slice = Math.min(delay, LONGEST_TIMER);
    delay -= slice;
    handle = clock.setTimeout(delay > 0 ? next : callback, slice);
  };
  next();
  return () => clock.clearTimeout(handle);
}
