/** How often to ask. */
export interface CadenceOptions {
  /** Longest wait after the first time; grows by half with each one. @default {500} */
  interval?: number | undefined;
  /** Longest wait at all; a hint is not bound by it. @default {10_000, or `interval` where that is more} */
  maxInterval?: number | undefined;
  /** From 0 to below 1. @default {Math.random} */
  random?: (() => number) | undefined;
}

/**
 * Says when to ask again about something that goes on: what `backoff` is to failures, for answers.
 *
 * The wait is `max(c / 2, hint) + U(0, c / 2)`, `c` being `min(maxInterval, interval · 1.5ⁿ)`: half of it is chance, at
 * the cap, too. It ends `interval` before the time is over rather than later, but is never shorter than the hint and
 * half of the first interval.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { cadence } from "@sluice/retry";
 *
 * const random = () => 0.5;
 * assert.equal(cadence(1, 0, { random }), 375);
 * assert.equal(cadence(99, 0, { random }), 7500);
 * assert.equal(cadence(99, 60_000, { random }), 62_500);
 * assert.equal(cadence(99, 0, { random }, 3000), 2500);
 * ```
 *
 * @param asked how often, so far
 * @param hint milliseconds for which the server wants to be left alone; 0 for none
 * @param left milliseconds until it is too late to ask
 * @returns milliseconds
 */
export function cadence(asked: number, hint: number, options: CadenceOptions = {}, left: number = Infinity): number {
  const { interval = 500, maxInterval = Math.max(interval, 10_000), random = Math.random } = options;
  // Growth that stays finite, so that 0 times it is 0.
  const half = Math.min(maxInterval, interval * 1.5 ** Math.min(asked - 1, 99)) / 2;
  const wait = Math.max(hint, half) + random() * half;
  return Math.max(hint, Math.min(half, interval / 2), Math.min(wait, left - interval));
}
