import type { RetryOptions } from "./retry-options.ts";

/** How long to wait before another attempt. */
export interface Backoff {
  /** Milliseconds for which the server wants to be left alone: the least. */
  readonly after: number;
  /** Milliseconds to wait: those, and some more by chance. */
  readonly delay: number;
}

/**
 * Says whether a failure is worth another attempt, and when: the rule of `retry`, for those who bring a loop of their own.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { backoff } from "@sluice/retry";
 *
 * const busy = Object.assign(new Error("busy"), { retryable: true, retryAfter: 2000 });
 * const random = () => 0.5;
 * assert.deepEqual(backoff(busy, 1, { random }), { after: 2000, delay: 2250 });
 * assert.deepEqual(backoff(busy, 3, { random, retryable: () => ({ after: 50 }) }), { after: 50, delay: 1050 });
 * assert.equal(backoff(busy, 5), undefined);
 * assert.equal(backoff(new Error("bug"), 1), undefined);
 * ```
 *
 * @param failures in a row, this one included
 * @param left milliseconds that there are: the chance is cut to them. Where not even `after` fits, the budget is not asked
 * @returns undefined where it is final
 */
export function backoff(
  error: unknown,
  failures: number,
  options: Pick<RetryOptions, "attempts" | "base" | "cap" | "retryable" | "budget" | "random"> = {},
  left: number = Infinity,
): Backoff | undefined {
  const { attempts = 5, base = 500, cap = 30_000, retryable = isRetryable, budget, random = Math.random } = options;
  const verdict = retryable(error);
  if (!verdict || failures >= attempts) return undefined;
  const { after: hint = Object(error).retryAfter } = Object(verdict);
  const after = typeof hint === "number" && hint > 0 ? hint : 0;
  if (after < left && budget?.spend() === false) return undefined;
  // Growth that stays finite, so that 0 times it is 0.
  const spread = Math.min(cap, base * 2 ** Math.min(failures - 1, 99), Math.max(0, left - after));
  return { after, delay: after + random() * spread };
}

const isRetryable = (error: unknown): boolean => Object(error).retryable === true;
