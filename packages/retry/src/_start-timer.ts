import type { Clock } from "./clock.ts";

/** 23 days. From 2³¹ ms on a delay overflows in every runtime, and the timer fires at once. */
const LONGEST_TIMER = 2e9;

/** Calls `callback` after `delay` milliseconds, however many those are; the function it returns calls that off. */
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
